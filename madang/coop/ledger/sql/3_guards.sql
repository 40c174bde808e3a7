-- Sums that the database keeps are written by its triggers only: a hand, the owner's included, is refused. Our triggers write as the table's owner
-- (SECURITY DEFINER), so a trigger that somebody else hung on a table of their own is a hand too.
CREATE FUNCTION ledger_by_trigger_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('DELETE', 'TRUNCATE') OR pg_trigger_depth() < 2
       OR current_user <> (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID) THEN
        RAISE EXCEPTION 'The table % is a sum of the transfers: % is refused', TG_TABLE_NAME, TG_OP
            USING ERRCODE = 'integrity_constraint_violation', HINT = 'Book an entry; the sums follow by themselves.';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_balance_guard   BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ledger_balance FOR EACH STATEMENT EXECUTE FUNCTION ledger_by_trigger_only();
CREATE TRIGGER ledger_period_guard    BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ledger_period  FOR EACH STATEMENT EXECUTE FUNCTION ledger_by_trigger_only();
CREATE TRIGGER ledger_dayflow_guard   BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ledger_dayflow FOR EACH STATEMENT EXECUTE FUNCTION ledger_by_trigger_only();
CREATE TRIGGER ledger_party_guard     BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ledger_party   FOR EACH STATEMENT EXECUTE FUNCTION ledger_by_trigger_only();
CREATE TRIGGER ledger_hold_keep_all    BEFORE TRUNCATE ON ledger_hold    FOR EACH STATEMENT EXECUTE FUNCTION ledger_by_trigger_only();
CREATE TRIGGER ledger_pending_keep_all BEFORE TRUNCATE ON ledger_pending FOR EACH STATEMENT EXECUTE FUNCTION ledger_by_trigger_only();
