-- The course of a decision, and that nothing but a decision (or the founding) sets a rule, held by the database itself.

CREATE OR REPLACE FUNCTION decisions_may_step(old_state text, new_state text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT old_state = new_state OR (old_state, new_state) IN (
        ('draft', 'discussion'), ('draft', 'withdrawn'),
        ('discussion', 'voting'), ('discussion', 'withdrawn'), ('discussion', 'failed'),
        ('voting', 'passed'), ('voting', 'rejected'), ('voting', 'withdrawn'),
        ('passed', 'in_force'), ('passed', 'failed'), ('in_force', 'reverted'))
$$;

-- A proposal is born a draft, moves only along its course, and once voting opened its question is what it is.
CREATE OR REPLACE FUNCTION decisions_guard_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'A proposal is never deleted' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'A proposal begins as a draft' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NOT decisions_may_step(OLD.state, NEW.state) THEN
        RAISE EXCEPTION 'A proposal cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state NOT IN ('draft', 'discussion') AND
       (NEW.kind, NEW.title, NEW.reason, NEW.org_id, NEW.way_name, NEW.way, NEW.changes, NEW.electorate, NEW.opens_at, NEW.back_of_id, NEW.lot, NEW.at_meeting, NEW.meeting, NEW.sitting)
       IS DISTINCT FROM
       (OLD.kind, OLD.title, OLD.reason, OLD.org_id, OLD.way_name, OLD.way, OLD.changes, OLD.electorate, OLD.opens_at, OLD.back_of_id, OLD.lot, OLD.at_meeting, OLD.meeting, OLD.sitting) THEN
        RAISE EXCEPTION 'What is voted on does not change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    -- A late rush may lengthen an open vote, each time counted; it never gets shorter, and a vote that is over stays over.
    IF OLD.state NOT IN ('draft', 'discussion') AND (NEW.closes_at, NEW.extended) IS DISTINCT FROM (OLD.closes_at, OLD.extended)
       AND NOT (OLD.state = 'voting' AND NEW.state = 'voting' AND NEW.closes_at > OLD.closes_at AND NEW.extended = OLD.extended + 1) THEN
        RAISE EXCEPTION 'The close of a vote does not change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    -- Only what was said against a person may be forgotten, once it is over, when they have their data erased.
    IF OLD.state NOT IN ('draft', 'discussion') AND NEW.details IS DISTINCT FROM OLD.details
       AND NOT (OLD.state IN ('rejected', 'withdrawn', 'failed', 'in_force') AND NEW.details = OLD.details - 'grounds') THEN
        RAISE EXCEPTION 'What is voted on does not change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state <> 'draft' AND (NEW.kind, NEW.way_name, NEW.way) IS DISTINCT FROM (OLD.kind, OLD.way_name, OLD.way) THEN
        RAISE EXCEPTION 'What is discussed does not change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    -- But for an amendment that was taken in: then it says exactly what that says.
    IF OLD.state <> 'draft' AND NEW.changes IS DISTINCT FROM OLD.changes AND NOT (OLD.state = 'discussion' AND NEW.state = 'discussion' AND EXISTS (
        SELECT 1 FROM decisions_amendment a WHERE a.proposal_id = NEW.id AND a.state = 'taken' AND a.changes = NEW.changes AND a.details = NEW.details)) THEN
        RAISE EXCEPTION 'What is discussed does not change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    -- What waits for a meeting is opened by one, which says who was there; nothing else is.
    IF OLD.state = 'discussion' AND NEW.state = 'voting' AND (NEW.at_meeting <> (NEW.sitting IS NOT NULL) OR NEW.at_meeting AND NEW.meeting IS NULL) THEN
        RAISE EXCEPTION 'What waits for a meeting is put to the vote at one' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.tally IS NOT NULL AND (NEW.tally, NEW.effect_at, NEW.closed_at) IS DISTINCT FROM (OLD.tally, OLD.effect_at, OLD.closed_at) THEN
        RAISE EXCEPTION 'A tally is never changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state = 'voting' AND NEW.state = 'passed' AND NOT EXISTS (
        SELECT 1 FROM decisions_ballot b JOIN decisions_elector e ON e.id = b.elector_id WHERE e.proposal_id = NEW.id AND b.choice IN ('for', 'marked'))
       AND NOT EXISTS (SELECT 1 FROM decisions_hands h WHERE h.proposal_id = NEW.id AND h.in_favour > 0) THEN
        RAISE EXCEPTION 'Nothing passes without a ballot for it' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decisions_proposal_guard BEFORE INSERT OR UPDATE OR DELETE ON decisions_proposal
    FOR EACH ROW EXECUTE FUNCTION decisions_guard_proposal();

-- The electorate is fixed in the transaction that opens voting; afterwards only "was told" may be noted.
CREATE OR REPLACE FUNCTION decisions_guard_elector() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF (SELECT state FROM decisions_proposal WHERE id = NEW.proposal_id) IS DISTINCT FROM 'discussion' THEN
            RAISE EXCEPTION 'The electorate is frozen' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.id, NEW.proposal_id, NEW.membership_id, NEW.person_id, NEW.class_key)
        IS NOT DISTINCT FROM (OLD.id, OLD.proposal_id, OLD.membership_id, OLD.person_id, OLD.class_key) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'The electorate is frozen' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER decisions_elector_guard BEFORE INSERT OR UPDATE OR DELETE ON decisions_elector
    FOR EACH ROW EXECUTE FUNCTION decisions_guard_elector();

-- A ballot goes in, or changes, only while voting is open. The shared lock makes a closing wait for ballots on their way, and the
-- other way round, so that no ballot falls between. Who left meanwhile casts no more: the elector still holds a membership that votes
-- (of their class, where the way names it), an organisation's ballot is cast by someone who speaks for it, and inside an organisation
-- votes who works there.
CREATE OR REPLACE FUNCTION decisions_guard_ballot() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked decisions_proposal%ROWTYPE;
    voter decisions_elector%ROWTYPE;
    stake members_membership%ROWTYPE;
    by_class boolean;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'A ballot is never deleted' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.elector_id <> OLD.elector_id THEN
        RAISE EXCEPTION 'A ballot stays with its elector' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT p.* INTO asked FROM decisions_proposal p JOIN decisions_elector e ON e.proposal_id = p.id WHERE e.id = NEW.elector_id FOR SHARE OF p;
    IF asked.state IS DISTINCT FROM 'voting' OR NEW.cast_at < asked.opens_at OR NEW.cast_at >= asked.closes_at THEN
        RAISE EXCEPTION 'Voting is not open' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decisions_voting_is_open';
    END IF;
    SELECT * INTO voter FROM decisions_elector WHERE id = NEW.elector_id;
    SELECT * INTO stake FROM members_membership WHERE id = voter.membership_id;
    by_class := jsonb_array_length(coalesce(asked.way -> 'electorate', '[]')) > 0 OR jsonb_exists(coalesce(asked.way -> 'per_class', '{}'), voter.class_key);
    IF NOT EXISTS (
        SELECT 1 FROM members_membership m JOIN members_memberclass c ON c.id = m.member_class_id
        WHERE (m.person_id = stake.person_id OR m.organisation_id = stake.organisation_id) AND (asked.org_id IS NOT NULL OR c.votes AND (c.key = voter.class_key OR NOT by_class))
        AND m.active_from <= NEW.cast_at AND (m.left_at IS NULL OR m.left_at > NEW.cast_at)) THEN
        RAISE EXCEPTION 'Who left casts no more' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decisions_elector_is_a_member';
    END IF;
    IF asked.sitting IS NOT NULL THEN  -- at a meeting whoever is in the room for this vote casts it
        IF NEW.by_id <> voter.person_id OR voter.gone_at IS NOT NULL THEN
            RAISE EXCEPTION 'Somebody else''s ballot' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decisions_ballot_is_ones_own';
        END IF;
    ELSIF (stake.organisation_id IS NULL OR asked.org_id IS NOT NULL) AND NEW.by_id <> voter.person_id
       OR stake.organisation_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM people_work w WHERE w.person_id = NEW.by_id AND w.organisation_id = stake.organisation_id
        AND (asked.org_id IS NOT NULL OR w.role = 'representative') AND w.since <= NEW.cast_at AND (w.until IS NULL OR w.until > NEW.cast_at)) THEN
        RAISE EXCEPTION 'Somebody else''s ballot' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decisions_ballot_is_ones_own';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decisions_ballot_guard BEFORE INSERT OR UPDATE OR DELETE ON decisions_ballot
    FOR EACH ROW EXECUTE FUNCTION decisions_guard_ballot();

-- Hands are typed in only while a motion is open at a meeting, and with the ballots there are never more than are present.
CREATE OR REPLACE FUNCTION decisions_guard_hands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked decisions_proposal%ROWTYPE;
    ballots integer;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'A show of hands is never deleted' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.proposal_id, NEW.class_key) <> (OLD.proposal_id, OLD.class_key) THEN
        RAISE EXCEPTION 'A show of hands stays with its motion' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT * INTO asked FROM decisions_proposal WHERE id = NEW.proposal_id FOR SHARE;
    IF asked.state <> 'voting' OR asked.sitting IS NULL THEN
        RAISE EXCEPTION 'No motion is open' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decisions_voting_is_open';
    END IF;
    SELECT count(*) INTO ballots FROM decisions_ballot b JOIN decisions_elector e ON e.id = b.elector_id
        WHERE e.proposal_id = NEW.proposal_id AND e.class_key = NEW.class_key;
    IF NEW.in_favour + NEW.against + NEW.abstain + ballots > coalesce((asked.electorate -> 'classes' ->> NEW.class_key)::integer, 0) THEN
        RAISE EXCEPTION 'More hands than are present' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decisions_hands_present';
    END IF;
    RETURN NEW;
END $$;

-- A rule has no back door: its value comes from a passed decision that contains exactly it and is due, or from the founding
-- while the co-op is forming and the rule has no value yet.
CREATE OR REPLACE FUNCTION decisions_guard_rule() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    newest uuid;
BEGIN
    SELECT id INTO newest FROM rules_ruleversion WHERE key = NEW.key AND scope = NEW.scope ORDER BY effective_from DESC LIMIT 1;
    IF NEW.previous_id IS DISTINCT FROM newest THEN
        RAISE EXCEPTION 'Rule %: a new version follows the newest one', NEW.key USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.founding_id IS NOT NULL AND NEW.decision_id IS NULL THEN
        IF newest IS NOT NULL OR NOT EXISTS (
            SELECT 1 FROM law_coop c WHERE c.founding_id = NEW.founding_id AND c.state = 'forming' AND NEW.effective_from <= c.founded_at) THEN
            RAISE EXCEPTION 'Rule %: the founding is over', NEW.key USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    PERFORM 1 FROM decisions_proposal p WHERE p.id = NEW.decision_id AND p.state = 'passed' AND p.effect_at <= NEW.effective_from AND EXISTS (
        SELECT 1 FROM jsonb_array_elements(p.changes) c
        WHERE c ->> 'rule' = NEW.key AND c ->> 'scope' = NEW.scope AND c -> 'value' = NEW.value AND (c ->> 'from') IS NOT DISTINCT FROM newest::text)
        FOR SHARE OF p;
    IF NOT FOUND OR NEW.founding_id IS NOT NULL THEN
        RAISE EXCEPTION 'Rule %: no passed decision sets this value', NEW.key USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decisions_rule_guard BEFORE INSERT ON rules_ruleversion
    FOR EACH ROW EXECUTE FUNCTION decisions_guard_rule();

-- These tables cannot be emptied.
CREATE TRIGGER decisions_proposal_keep_all BEFORE TRUNCATE ON decisions_proposal FOR EACH STATEMENT EXECUTE FUNCTION madang_append_only();
CREATE TRIGGER decisions_elector_keep_all BEFORE TRUNCATE ON decisions_elector FOR EACH STATEMENT EXECUTE FUNCTION madang_append_only();
CREATE TRIGGER decisions_ballot_keep_all BEFORE TRUNCATE ON decisions_ballot FOR EACH STATEMENT EXECUTE FUNCTION madang_append_only();
