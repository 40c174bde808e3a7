-- What was offered stays what was offered, and a certificate stays what it certified: held by the database itself.

CREATE OR REPLACE FUNCTION capital_offer_may_step(old_state text, new_state text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT old_state = new_state OR (old_state, new_state) IN (
        ('draft', 'proposed'), ('draft', 'open'), ('draft', 'dropped'), ('proposed', 'draft'), ('proposed', 'open'),
        ('open', 'met'), ('open', 'closed'), ('open', 'lapsed'), ('met', 'closed'), ('closed', 'completed'), ('lapsed', 'returned'))
$$;

CREATE OR REPLACE FUNCTION capital_guard_offer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'An offer is never deleted' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT capital_offer_may_step(OLD.state, NEW.state) THEN
        RAISE EXCEPTION 'An offer cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state <> 'draft' AND
       (NEW.title, NEW.document, NEW.kind, NEW.unit, NEW.price, NEW.minimum, NEW.optimum, NEW.maximum, NEW.person_class_id, NEW.least_person,
        NEW.most_person, NEW.organisation_class_id, NEW.least_organisation, NEW.most_organisation, NEW.opens_at, NEW.closes_at, NEW.extension_days,
        NEW.extensions, NEW.oversubscribed, NEW.match_holder_id, NEW.match_cap)
       IS DISTINCT FROM
       (OLD.title, OLD.document, OLD.kind, OLD.unit, OLD.price, OLD.minimum, OLD.optimum, OLD.maximum, OLD.person_class_id, OLD.least_person,
        OLD.most_person, OLD.organisation_class_id, OLD.least_organisation, OLD.most_organisation, OLD.opens_at, OLD.closes_at, OLD.extension_days,
        OLD.extensions, OLD.oversubscribed, OLD.match_holder_id, OLD.match_cap) THEN
        RAISE EXCEPTION 'The terms of an offer do not change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    -- The end moves only by an extension, one at a time, and never back.
    IF OLD.state <> 'draft' AND NEW.ends_at IS DISTINCT FROM OLD.ends_at AND NOT (NEW.extended = OLD.extended + 1 AND NEW.ends_at > OLD.ends_at) THEN
        RAISE EXCEPTION 'The end of an offer moves only by an extension' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER capital_offer_guard BEFORE UPDATE OR DELETE ON capital_offer FOR EACH ROW EXECUTE FUNCTION capital_guard_offer();

CREATE OR REPLACE FUNCTION capital_guard_certificate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.number <> 1 + (SELECT coalesce(max(number), 0) FROM capital_certificate) THEN
            RAISE EXCEPTION 'Certificates are numbered without a gap' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'A certificate is cancelled, never deleted' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (NEW.id, NEW.number, NEW.membership_id, NEW.count, NEW.price, NEW.unit, NEW.issued_at)
       IS DISTINCT FROM (OLD.id, OLD.number, OLD.membership_id, OLD.count, OLD.price, OLD.unit, OLD.issued_at)
       OR (OLD.cancelled_at IS NOT NULL AND NEW.cancelled_at IS DISTINCT FROM OLD.cancelled_at)
       OR (NEW.name <> OLD.name AND NEW.name <> '') THEN
        RAISE EXCEPTION 'A certificate is cancelled, never changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER capital_certificate_guard BEFORE INSERT OR UPDATE OR DELETE ON capital_certificate
    FOR EACH ROW EXECUTE FUNCTION capital_guard_certificate();
