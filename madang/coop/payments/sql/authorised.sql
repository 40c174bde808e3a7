-- What the members authorised is never overdrawn, not drawn on after its end nor once it was withdrawn, and never changed.
CREATE FUNCTION payments_guard_draw() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one payments_authorised%ROWTYPE;
    drawn bigint;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'A draw is never changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT * INTO one FROM payments_authorised WHERE id = NEW.authorised_id FOR UPDATE;
    SELECT coalesce(sum(amount), 0) INTO drawn FROM payments_draw WHERE authorised_id = NEW.authorised_id;
    IF drawn + NEW.amount > one.cap THEN
        RAISE EXCEPTION 'More than was authorised' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'payments_draw_within_cap';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_draw_guard BEFORE INSERT OR UPDATE OR DELETE ON payments_draw FOR EACH ROW EXECUTE FUNCTION payments_guard_draw();

CREATE FUNCTION payments_guard_authorised() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.withdrawn_at IS NOT NULL OR (NEW.id, NEW.decision_id, NEW.key, NEW.title, NEW."to", NEW.sort, NEW.cap, NEW.unit, NEW.since, NEW.until)
       IS DISTINCT FROM (OLD.id, OLD.decision_id, OLD.key, OLD.title, OLD."to", OLD.sort, OLD.cap, OLD.unit, OLD.since, OLD.until) THEN
        RAISE EXCEPTION 'What was authorised does not change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_authorised_guard BEFORE UPDATE OR DELETE ON payments_authorised FOR EACH ROW EXECUTE FUNCTION payments_guard_authorised();

-- Only a decision whose day has come authorises anything: it is in force in the same transaction.
CREATE FUNCTION payments_authorised_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM decisions_proposal WHERE id = NEW.decision_id AND state IN ('in_force', 'reverted') AND kind IN ('spend', 'budget')) THEN
        RAISE EXCEPTION 'Only a decision in force authorises spending' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'payments_authorised_decided';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_authorised_decided AFTER INSERT ON payments_authorised DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION payments_authorised_decided();
