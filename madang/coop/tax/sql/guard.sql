-- A paper is never changed and never goes; only whom it was for may be forgotten. A withholding may be given back once. A standing says what it said.

CREATE OR REPLACE FUNCTION tax_guard_paper() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'customer' = to_jsonb(OLD) - 'customer' AND NEW.customer = '{}'::jsonb THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'A tax paper is never changed: a correction is a paper of its own' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER tax_paper_guard BEFORE UPDATE OR DELETE ON tax_paper FOR EACH ROW EXECUTE FUNCTION tax_guard_paper();
CREATE TRIGGER tax_paper_keep_all BEFORE TRUNCATE ON tax_paper FOR EACH STATEMENT EXECUTE FUNCTION madang_append_only();

CREATE OR REPLACE FUNCTION tax_guard_withholding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'back_id' = to_jsonb(OLD) - 'back_id' AND OLD.back_id IS NULL THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'What was kept back is never changed: it is given back once' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER tax_withholding_guard BEFORE UPDATE OR DELETE ON tax_withholding FOR EACH ROW EXECUTE FUNCTION tax_guard_withholding();
CREATE TRIGGER tax_withholding_keep_all BEFORE TRUNCATE ON tax_withholding FOR EACH STATEMENT EXECUTE FUNCTION madang_append_only();

-- Of a standing only what is personal may be wiped; how one stood, and since when, decided what was booked.
CREATE OR REPLACE FUNCTION tax_guard_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.id, NEW.owner, NEW.standing, NEW.country, NEW.added, NEW.cash_receipts, NEW.since, NEW.at)
       IS NOT DISTINCT FROM (OLD.id, OLD.owner, OLD.standing, OLD.country, OLD.added, OLD.cash_receipts, OLD.since, OLD.at) AND OLD.owner <> '' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'A tax standing is never changed: a new one ends it' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER tax_status_guard BEFORE UPDATE OR DELETE ON tax_taxstatus FOR EACH ROW EXECUTE FUNCTION tax_guard_status();
CREATE TRIGGER tax_status_keep_all BEFORE TRUNCATE ON tax_taxstatus FOR EACH STATEMENT EXECUTE FUNCTION madang_append_only();
