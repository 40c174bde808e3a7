-- The laws of the books, which no code can break.

-- A transfer's unit is the unit of both its accounts.
ALTER TABLE ledger_transfer
    ADD CONSTRAINT ledger_transfer_debit_unit  FOREIGN KEY (debit_id, unit)  REFERENCES ledger_account (id, unit),
    ADD CONSTRAINT ledger_transfer_credit_unit FOREIGN KEY (credit_id, unit) REFERENCES ledger_account (id, unit),
    -- It belongs to an entry and counts at the entry's moment.
    ADD CONSTRAINT ledger_transfer_moment      FOREIGN KEY (entry_id, at)    REFERENCES ledger_entry (id, effective_at);

-- Money is held in an account of the same unit.
ALTER TABLE ledger_hold
    ADD CONSTRAINT ledger_hold_unit FOREIGN KEY (account_id, unit) REFERENCES ledger_account (id, unit);

-- A balance has a floor exactly when its account has one.
ALTER TABLE ledger_balance
    ADD CONSTRAINT ledger_balance_account FOREIGN KEY (account_id, floored) REFERENCES ledger_account (id, floored);

-- An account never becomes another one, and a hold changes once: from held to its end.
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
