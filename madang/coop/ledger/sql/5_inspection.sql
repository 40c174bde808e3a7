-- The course of a request to inspect the books: what was asked stays what was asked, and it takes only the steps there are.

CREATE OR REPLACE FUNCTION ledger_inspection_may_step(old_state text, new_state text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT old_state = new_state OR (old_state, new_state) IN (
        ('asked', 'opened'), ('asked', 'refused'), ('asked', 'withdrawn'), ('asked', 'overdue'),
        ('overdue', 'opened'), ('overdue', 'refused'), ('overdue', 'withdrawn'), ('opened', 'ended'))
$$;

CREATE OR REPLACE FUNCTION ledger_guard_inspection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'A request to inspect the books is never deleted' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'asked' OR NEW.answered_at IS NOT NULL OR NEW.ended_at IS NOT NULL THEN
            RAISE EXCEPTION 'A request to inspect the books begins with being asked' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NOT ledger_inspection_may_step(OLD.state, NEW.state) THEN
        RAISE EXCEPTION 'A request to inspect the books cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (NEW.id, NEW.person_id, NEW.standing, NEW.things, NEW.law, NEW.asked_at, NEW.answer_by)
       IS DISTINCT FROM (OLD.id, OLD.person_id, OLD.standing, OLD.things, OLD.law, OLD.asked_at, OLD.answer_by) THEN
        RAISE EXCEPTION 'What was asked for does not change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    -- Words may only be forgotten (erasing a person), never rewritten.
    IF (NEW.reason <> OLD.reason AND NEW.reason <> '') OR (NEW.proof <> OLD.proof AND NEW.proof <> '') THEN
        RAISE EXCEPTION 'What was asked for does not change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.answered_at IS NOT NULL AND (
        (NEW.answered_at, NEW.answered_by_id, NEW.ground, NEW.until) IS DISTINCT FROM (OLD.answered_at, OLD.answered_by_id, OLD.ground, OLD.until)
        OR (NEW.words <> OLD.words AND NEW.words <> '')) THEN
        RAISE EXCEPTION 'An answer does not change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at THEN
        RAISE EXCEPTION 'What is over stays over' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_inspection_guard BEFORE INSERT OR UPDATE OR DELETE ON ledger_inspection FOR EACH ROW EXECUTE FUNCTION ledger_guard_inspection();

-- An examiner is named by a decision, for a time: it may be cut short, never made longer.
CREATE OR REPLACE FUNCTION ledger_guard_examiner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'That somebody was an examiner is never deleted' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (NEW.decision_id, NEW.person_id, NEW.since) IS DISTINCT FROM (OLD.decision_id, OLD.person_id, OLD.since) OR NEW.until > OLD.until THEN
        RAISE EXCEPTION 'What a decision gave an examiner can only end earlier' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_examiner_guard BEFORE UPDATE OR DELETE ON ledger_examiner FOR EACH ROW EXECUTE FUNCTION ledger_guard_examiner();
