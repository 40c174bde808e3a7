-- The laws of the books, which no code can break.
--
-- What a transfer must fit (its accounts' unit, its entry's moment, its place in it, open accounts, a rule version that exists) is checked for all
-- transfers of a statement at once, in 2_balances.sql: accounts, entries and rule versions are never changed or deleted, so a check when a
-- transfer is written holds for ever, and a foreign key for each row would only be slower and lock the hot account's row.

-- Money is held, promised and carried in accounts of its own unit.
ALTER TABLE ledger_hold
    ADD CONSTRAINT ledger_hold_unit FOREIGN KEY (account_id, unit) REFERENCES ledger_account (id, unit);
ALTER TABLE ledger_pending
    ADD CONSTRAINT ledger_pending_debit_unit  FOREIGN KEY (debit_id, unit)  REFERENCES ledger_account (id, unit),
    ADD CONSTRAINT ledger_pending_credit_unit FOREIGN KEY (credit_id, unit) REFERENCES ledger_account (id, unit);

-- Rows that only grow at one end need no room between them; sums that change in place do.
ALTER INDEX ledger_transfer_pkey  SET (fillfactor = 100);
ALTER TABLE ledger_balance SET (fillfactor = 60);
ALTER TABLE ledger_period  SET (fillfactor = 60);
ALTER TABLE ledger_dayflow SET (fillfactor = 60);

-- A hold changes once: from held to its end.
CREATE FUNCTION ledger_hold_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'held'
       OR (NEW.id, NEW.account_id, NEW.subject, NEW.amount, NEW.unit, NEW.key, NEW.held_at)
          IS DISTINCT FROM (OLD.id, OLD.account_id, OLD.subject, OLD.amount, OLD.unit, OLD.key, OLD.held_at) THEN
        RAISE EXCEPTION 'A hold is released or refunded once, and otherwise stays as it was' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_hold_keep BEFORE UPDATE OR DELETE ON ledger_hold FOR EACH ROW EXECUTE FUNCTION ledger_hold_once();

-- A promised transfer: what is posted of it only grows, it ends once, and the promise itself stays as it was.
CREATE FUNCTION ledger_pending_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'pending' OR NEW.posted < OLD.posted
       OR (NEW.id, NEW.key, NEW.debit_id, NEW.credit_id, NEW.unit, NEW.amount, NEW.kind, NEW.subject, NEW.at, NEW.expires_at, NEW.digest)
          IS DISTINCT FROM (OLD.id, OLD.key, OLD.debit_id, OLD.credit_id, OLD.unit, OLD.amount, OLD.kind, OLD.subject, OLD.at, OLD.expires_at, OLD.digest)
    THEN
        RAISE EXCEPTION 'A pending transfer is posted, voided or expires, and otherwise stays as it was' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_pending_keep BEFORE UPDATE OR DELETE ON ledger_pending FOR EACH ROW EXECUTE FUNCTION ledger_pending_once();

-- What was posted of a promise is the sum of the entries that posted it, when the transaction ends.
CREATE FUNCTION ledger_pending_posted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ledger_pending p WHERE p.id = NEW.id
               AND p.posted <> (SELECT coalesce(sum(amount), 0) FROM ledger_pendingpost WHERE pending_id = p.id)) THEN
        RAISE EXCEPTION 'A pending transfer is posted by entries' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ledger_pending_posted';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_pending_posted AFTER UPDATE ON ledger_pending DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.posted <> OLD.posted) EXECUTE FUNCTION ledger_pending_posted();

-- Every entry has its moments.
ALTER TABLE ledger_entry ADD CONSTRAINT ledger_entry_finite CHECK (isfinite(at) AND isfinite(effective_at));

-- A reversal names an entry that is none itself. (That it is named once is a unique index.)
CREATE FUNCTION ledger_entry_reverses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.reverses_id AND reverses_id IS NULL) THEN
        RAISE EXCEPTION 'A reversal names an entry that is there and is not a reversal itself'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ledger_entry_reverses';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_entry_reverses AFTER INSERT ON ledger_entry FOR EACH ROW WHEN (NEW.reverses_id IS NOT NULL) EXECUTE FUNCTION ledger_entry_reverses();

-- An account is closed when nothing is in it or promised; nobody books into it meanwhile (the lock waits for whoever is booking), or ever after.
CREATE FUNCTION ledger_account_closes() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    LOCK TABLE ledger_pending, ledger_transfer IN SHARE ROW EXCLUSIVE MODE;  -- in the order of whoever posts what was promised
    IF (SELECT sum(credits - debits) FROM ledger_balance WHERE account_id = NEW.account_id) <> 0
       OR EXISTS (SELECT 1 FROM ledger_pending WHERE state = 'pending' AND NEW.account_id IN (debit_id, credit_id)) THEN
        RAISE EXCEPTION 'The account % is not empty', NEW.account_id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ledger_closing_empty';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_account_closes BEFORE INSERT ON ledger_closing FOR EACH ROW EXECUTE FUNCTION ledger_account_closes();
