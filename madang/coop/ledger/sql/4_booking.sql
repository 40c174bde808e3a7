-- One entry and its transfers in one call (its plan is kept by each connection). False when the key was used before: nothing is written then.
CREATE FUNCTION ledger_book(
    id uuid, key text, kind text, subject text, payer text, at timestamptz, effective_at timestamptz, digest bytea, reverses uuid,
    debits bigint[], credits bigint[], amounts bigint[], units text[], kinds text[], versions uuid[], notes text
) RETURNS boolean LANGUAGE plpgsql SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO ledger_entry (id, key, kind, subject, payer, at, effective_at, digest, reverses_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (key) DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO ledger_transfer (entry_id, ordinal, debit_id, credit_id, unit, amount, kind, version_id, note, at)
    SELECT $1, m.n - 1, m.debit, m.credit, m.unit, m.amount, m.kind, m.version, coalesce(m.note, '{}')::jsonb, $7
    FROM unnest($10, $11, $12, $13, $14, $15, string_to_array($16, E'\n', '')) WITH ORDINALITY AS m (debit, credit, amount, unit, kind, version, note, n);
    RETURN true;
END $$;
