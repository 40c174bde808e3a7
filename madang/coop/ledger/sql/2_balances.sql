-- Balances that cannot drift: they are sums the database keeps by itself, in the same statement that writes the transfers.

-- An account with a floor gets its one balance row at birth, so that the floor can be checked on it.
CREATE FUNCTION ledger_account_opened() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO ledger_balance (account_id, shard, floored, debits, credits)
    SELECT id, 0, true, 0, 0 FROM opened WHERE floored ORDER BY id;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_account_opened AFTER INSERT ON ledger_account
    REFERENCING NEW TABLE AS opened FOR EACH STATEMENT EXECUTE FUNCTION ledger_account_opened();

-- One statement (INSERT of a few rows or COPY of a million) adds to each balance, day and party once.
CREATE FUNCTION ledger_transfers_booked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    my_shard smallint := pg_backend_pid() % 16;
    zone text := coalesce((SELECT time_zone FROM law_coop), 'UTC');
BEGIN
    -- Accounts with a floor: locked in the order of their ids, so that two entries never wait for each other in a circle.
    WITH sums AS (
        SELECT account_id, sum(debit) AS debits, sum(credit) AS credits
        FROM (SELECT debit_id AS account_id, amount AS debit, 0 AS credit FROM booked
              UNION ALL SELECT credit_id, 0, amount FROM booked) AS sides
        GROUP BY account_id
    ), locked AS MATERIALIZED (
        SELECT b.account_id FROM ledger_balance b JOIN sums USING (account_id)
        WHERE b.floored ORDER BY b.account_id FOR UPDATE OF b
    )
    UPDATE ledger_balance b SET debits = b.debits + sums.debits, credits = b.credits + sums.credits
    FROM locked JOIN sums USING (account_id)
    WHERE b.account_id = locked.account_id AND b.shard = 0;

    -- Accounts without a floor: each connection adds to a row of its own.
    INSERT INTO ledger_balance AS b (account_id, shard, floored, debits, credits)
    SELECT a.id, my_shard, false, sum(sides.debit), sum(sides.credit)
    FROM (SELECT debit_id AS account_id, amount AS debit, 0 AS credit FROM booked
          UNION ALL SELECT credit_id, 0, amount FROM booked) AS sides
    JOIN ledger_account a ON a.id = sides.account_id
    WHERE NOT a.floored
    GROUP BY a.id ORDER BY a.id
    ON CONFLICT (account_id, shard) DO UPDATE SET debits = b.debits + excluded.debits, credits = b.credits + excluded.credits;

    INSERT INTO ledger_dayflow AS f (day, unit, kind, debit_kind, credit_kind, shard, amount, transfers)
    SELECT (t.at AT TIME ZONE zone)::date AS day, t.unit, t.kind, d.kind, c.kind, my_shard, sum(t.amount), count(*)
    FROM booked t JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (day, unit, kind, debit_kind, credit_kind, shard)
        DO UPDATE SET amount = f.amount + excluded.amount, transfers = f.transfers + excluded.transfers;

    -- Whose money moved: who received it, else who gave it, else who paid for the whole.
    INSERT INTO ledger_party (month, unit, kind, owner)
    SELECT DISTINCT date_trunc('month', t.at AT TIME ZONE zone)::date AS month, t.unit, t.kind,
           CASE WHEN c.owner ~ '^(person|organisation|membership):' THEN c.owner
                WHEN d.owner ~ '^(person|organisation|membership):' THEN d.owner
                ELSE e.payer END AS owner
    FROM booked t JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id JOIN ledger_entry e ON e.id = t.entry_id
    ORDER BY 1, 2, 3, 4
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_transfers_booked AFTER INSERT ON ledger_transfer
    REFERENCING NEW TABLE AS booked FOR EACH STATEMENT EXECUTE FUNCTION ledger_transfers_booked();
