-- Balances that cannot drift: they are sums the database keeps by itself, in the same statement that writes the transfers.

-- An account with a limit gets its one balance row at birth, so that the limit can be checked on it.
CREATE FUNCTION ledger_account_opened() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO ledger_balance (account_id, shard, limited, floored, cap, debits, credits, pending_out, pending_in)
    SELECT id, 0, true, floored, cap, 0, 0, 0, 0 FROM opened WHERE floored OR cap IS NOT NULL ORDER BY id;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_account_opened AFTER INSERT ON ledger_account
    REFERENCING NEW TABLE AS opened FOR EACH STATEMENT EXECUTE FUNCTION ledger_account_opened();

-- Which of the 16 rows of an account without a limit this transaction adds to: one that nobody else adds to now, as long as there is one.
CREATE FUNCTION ledger_shard() RETURNS smallint LANGUAGE plpgsql AS $$
DECLARE first int := pg_backend_pid() % 16;
BEGIN
    FOR step IN 0..15 LOOP
        IF pg_try_advisory_xact_lock(7103592, (first + step) % 16) THEN
            RETURN (first + step) % 16;
        END IF;
    END LOOP;
    RETURN first;
END $$;

-- One statement (INSERT of a few rows or COPY of a million) adds to each balance, period, day and party once.
-- Joins go by index, whatever the planner saw when the statement was planned: one row or ten thousand.
CREATE FUNCTION ledger_transfers_booked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    my_shard smallint := ledger_shard();
    zone text := coalesce((SELECT time_zone FROM law_coop), 'UTC');
    wrong text;
    any_limited boolean;
BEGIN
    -- An entry's transfers are written at once: nobody adds one to it later, or at the same moment.
    PERFORM 1 FROM ledger_entry WHERE id IN (SELECT entry_id FROM booked) FOR UPDATE;
    WITH lines AS MATERIALIZED (
        SELECT t.entry_id, t.debit_id, t.credit_id, t.unit, t.kind, t.amount, t.at, t.version_id,
               d.kind AS debit_kind, d.unit AS debit_unit, d.owner AS debit_owner, d.busy AS debit_busy, d.floored OR d.cap IS NOT NULL AS debit_limited,
               c.kind AS credit_kind, c.unit AS credit_unit, c.owner AS credit_owner, c.busy AS credit_busy, c.floored OR c.cap IS NOT NULL AS credit_limited
        FROM booked t
        LEFT JOIN ledger_account d ON d.id = t.debit_id LEFT JOIN ledger_account c ON c.id = t.credit_id
    ), sides AS MATERIALIZED (
        SELECT debit_id AS account_id, debit_limited AS limited, debit_busy AS busy, at, sum(amount)::bigint AS debits, 0::bigint AS credits
        FROM lines GROUP BY 1, 2, 3, 4
        UNION ALL
        SELECT credit_id, credit_limited, credit_busy, at, 0, sum(amount)::bigint FROM lines GROUP BY 1, 2, 3, 4
    ), kept AS (
        -- Accounts without a limit: each transaction adds to a row of its own. In the order of ids, so that nobody waits in a circle.
        INSERT INTO ledger_balance AS b (account_id, shard, limited, floored, cap, debits, credits, pending_out, pending_in)
        SELECT account_id, my_shard, false, false, NULL::bigint, sum(debits), sum(credits), 0, 0
        FROM sides WHERE NOT limited GROUP BY account_id ORDER BY account_id
        ON CONFLICT (account_id, shard) DO UPDATE SET debits = b.debits + excluded.debits, credits = b.credits + excluded.credits
    ), periods AS (
        -- Busy accounts: sums of the month, the day and the hour (UTC), so that a balance at any moment is a few rows.
        INSERT INTO ledger_period AS p (account_id, level, start, shard, debits, credits)
        SELECT account_id, step.level, date_trunc(step.name, at, 'UTC'), my_shard, sum(debits), sum(credits)
        FROM sides CROSS JOIN (VALUES (0::smallint, 'month'), (1::smallint, 'day'), (2::smallint, 'hour')) AS step (level, name)
        WHERE busy GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        ON CONFLICT (account_id, level, start, shard) DO UPDATE SET debits = p.debits + excluded.debits, credits = p.credits + excluded.credits
    ), flows AS (
        INSERT INTO ledger_dayflow AS f (day, unit, kind, debit_kind, credit_kind, shard, amount, transfers)
        SELECT (at AT TIME ZONE zone)::date, unit, kind, debit_kind, credit_kind, my_shard, sum(amount), count(*)
        FROM lines WHERE debit_kind IS NOT NULL AND credit_kind IS NOT NULL GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
        ON CONFLICT (day, unit, kind, debit_kind, credit_kind, shard)
            DO UPDATE SET amount = f.amount + excluded.amount, transfers = f.transfers + excluded.transfers
    ), parties AS (
        -- Whose money moved: who received it, else who gave it, else who paid for the whole.
        INSERT INTO ledger_party (month, unit, kind, owner)
        SELECT DISTINCT date_trunc('month', at AT TIME ZONE zone)::date, unit, kind,
               CASE WHEN starts_with(credit_owner, 'person:') OR starts_with(credit_owner, 'organisation:') OR starts_with(credit_owner, 'membership:') THEN credit_owner
                    WHEN starts_with(debit_owner, 'person:') OR starts_with(debit_owner, 'organisation:') OR starts_with(debit_owner, 'membership:') THEN debit_owner
                    ELSE coalesce((SELECT payer FROM ledger_entry WHERE id = entry_id), '') END
        FROM lines
        ORDER BY 1, 2, 3, 4
        ON CONFLICT DO NOTHING
    )
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM lines WHERE debit_unit IS NULL OR credit_unit IS NULL) THEN 'ledger_transfer_account'
        WHEN EXISTS (SELECT 1 FROM lines WHERE debit_unit <> unit OR credit_unit <> unit) THEN 'ledger_transfer_unit'
        WHEN EXISTS (SELECT 1 FROM (SELECT DISTINCT entry_id, at FROM booked) AS used
                     LEFT JOIN ledger_entry e ON e.id = used.entry_id WHERE e.effective_at IS DISTINCT FROM used.at) THEN 'ledger_transfer_moment'
        WHEN EXISTS (SELECT 1 FROM (SELECT entry_id, count(*) AS many, count(DISTINCT ordinal) AS places FROM booked GROUP BY entry_id) AS said
                     WHERE places <> many OR many <> (SELECT count(*) FROM ledger_transfer x WHERE x.entry_id = said.entry_id)) THEN 'ledger_transfer_order'
        WHEN EXISTS (SELECT 1 FROM (SELECT DISTINCT version_id FROM lines WHERE version_id IS NOT NULL) AS used
                     LEFT JOIN rules_ruleversion v ON v.id = used.version_id WHERE v.id IS NULL) THEN 'ledger_transfer_version'
        WHEN EXISTS (SELECT 1 FROM sides JOIN ledger_closing USING (account_id)) THEN 'ledger_account_closed'
        END, EXISTS (SELECT 1 FROM sides WHERE limited)
    INTO wrong, any_limited;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'A transfer does not fit: %', wrong USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = wrong, TABLE = 'ledger_transfer';
    END IF;

    IF any_limited THEN
        -- Accounts with a limit: locked in the order of their ids; the limits are constraints of the row.
        PERFORM 1 FROM ledger_balance b
        WHERE b.limited AND b.shard = 0 AND b.account_id IN (SELECT debit_id FROM booked UNION SELECT credit_id FROM booked)
        ORDER BY b.account_id FOR UPDATE OF b;
        UPDATE ledger_balance b SET debits = b.debits + sums.debits, credits = b.credits + sums.credits
        FROM (SELECT account_id, sum(debit) AS debits, sum(credit) AS credits
              FROM (SELECT debit_id AS account_id, amount AS debit, 0 AS credit FROM booked
                    UNION ALL SELECT credit_id, 0, amount FROM booked) AS sides GROUP BY account_id) AS sums
        WHERE b.account_id = sums.account_id AND b.shard = 0 AND b.limited;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_transfers_booked AFTER INSERT ON ledger_transfer
    REFERENCING NEW TABLE AS booked FOR EACH STATEMENT EXECUTE FUNCTION ledger_transfers_booked();

-- What is promised out of and into an account stands beside its balance, and counts against its limits.
CREATE FUNCTION ledger_pending_kept() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    my_shard smallint := ledger_shard();
    change bigint := CASE WHEN NEW.state = 'pending' THEN NEW.amount - NEW.posted ELSE 0 END;
    side record;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        change := change - (OLD.amount - OLD.posted);  -- only an open one is ever updated
    ELSIF EXISTS (SELECT 1 FROM ledger_closing WHERE account_id IN (NEW.debit_id, NEW.credit_id)) THEN
        RAISE EXCEPTION 'A pending transfer names a closed account' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ledger_account_closed';
    END IF;
    FOR side IN
        SELECT a.id, a.floored OR a.cap IS NOT NULL AS limited, CASE WHEN a.id = NEW.debit_id THEN change ELSE 0 END AS going,
               CASE WHEN a.id = NEW.credit_id THEN change ELSE 0 END AS coming
        FROM ledger_account a WHERE a.id IN (NEW.debit_id, NEW.credit_id) ORDER BY a.id
    LOOP
        IF side.limited THEN
            UPDATE ledger_balance SET pending_out = pending_out + side.going, pending_in = pending_in + side.coming WHERE account_id = side.id AND shard = 0;
        ELSE
            INSERT INTO ledger_balance AS b (account_id, shard, limited, floored, cap, debits, credits, pending_out, pending_in)
            VALUES (side.id, my_shard, false, false, NULL, 0, 0, side.going, side.coming)
            ON CONFLICT (account_id, shard) DO UPDATE SET pending_out = b.pending_out + excluded.pending_out, pending_in = b.pending_in + excluded.pending_in;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_pending_kept AFTER INSERT OR UPDATE ON ledger_pending FOR EACH ROW EXECUTE FUNCTION ledger_pending_kept();
