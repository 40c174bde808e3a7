"""The laws of the record, held by the database itself (the owner of the tables included)."""

from django.db import migrations

from madang.coop.record import append_only
from madang.coop.record.triggers import function_only, refuse_truncate

LINES = """
CREATE FUNCTION record_line_only_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND NEW.id = OLD.id AND NEW.written = OLD.written AND NEW.line_no = OLD.line_no AND NEW.line_hash = OLD.line_hash
        AND NEW.salt IS NULL AND NEW.body IS NULL
        AND NOT EXISTS (SELECT 1 FROM record_leaf WHERE written = OLD.written AND public)
        AND NOT EXISTS (SELECT 1 FROM record_pendingleaf WHERE id = OLD.written AND public)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'The table record_leafline only grows: % is refused (a private line may lose its words and salt, nothing else)', TG_OP
        USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER record_leafline_keep BEFORE UPDATE OR DELETE ON record_leafline FOR EACH ROW EXECUTE FUNCTION record_line_only_erased();
"""

PENDING = """
CREATE FUNCTION record_pending_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM gone LEFT JOIN record_leaf AS leaf ON leaf.written = gone.id
        WHERE leaf.written IS NULL OR leaf.entry <> gone.entry OR leaf.kind <> gone.kind OR leaf.subject <> gone.subject OR leaf.public <> gone.public
    ) THEN
        RAISE EXCEPTION 'The table record_pendingleaf keeps a leaf until it is sealed: DELETE is refused'
            USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER record_pendingleaf_sealed AFTER DELETE ON record_pendingleaf REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION record_pending_sealed();
CREATE TRIGGER record_pendingleaf_keep BEFORE UPDATE ON record_pendingleaf FOR EACH ROW EXECUTE FUNCTION madang_append_only();
"""

ORDER = """
CREATE FUNCTION record_leaf_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE lowest bigint; highest bigint; how_many bigint;
BEGIN
    SELECT min(index), max(index), count(*) INTO lowest, highest, how_many FROM added;
    IF how_many > 0 AND (highest - lowest + 1 <> how_many OR (lowest > 0 AND NOT EXISTS (SELECT 1 FROM record_leaf WHERE index = lowest - 1))) THEN
        RAISE EXCEPTION 'The table record_leaf has no gaps: leaves % to % do not follow the last one', lowest, highest
            USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER record_leaf_order AFTER INSERT ON record_leaf REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION record_leaf_in_order();
"""

# A leaf and its lines in one call (its plan is kept by each connection): hashes of 32 bytes and salts of 16 one after the other, one body a line of text.
WRITE = """
CREATE FUNCTION record_write(
    kind text, subject text, at timestamptz, public boolean, entry bytea, leaf_hash bytea, hashes bytea, salts bytea, bodies text
) RETURNS bigint LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE pending bigint;
BEGIN
    INSERT INTO record_pendingleaf (kind, subject, at, public, entry, leaf_hash) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id INTO pending;
    INSERT INTO record_leafline (written, line_no, line_hash, salt, body)
    SELECT pending, line.n - 1, substr($7, (line.n::int - 1) * 32 + 1, 32), substr($8, (line.n::int - 1) * 16 + 1, 16), line.body
    FROM string_to_table($9, E'\\n') WITH ORDINALITY AS line (body, n);
    RETURN pending;
END $$;
"""

BACK = """
DROP FUNCTION record_write(text, text, timestamptz, boolean, bytea, bytea, bytea, bytea, text);
DROP TRIGGER record_leaf_order ON record_leaf; DROP FUNCTION record_leaf_in_order();
DROP TRIGGER record_pendingleaf_keep ON record_pendingleaf; DROP TRIGGER record_pendingleaf_sealed ON record_pendingleaf;
DROP FUNCTION record_pending_sealed(); DROP TRIGGER record_leafline_keep ON record_leafline; DROP FUNCTION record_line_only_erased();
DROP TRIGGER record_leafline_keep_all ON record_leafline; DROP TRIGGER record_pendingleaf_keep_all ON record_pendingleaf;
"""


class Migration(migrations.Migration):
    dependencies = [("record", "0001_initial")]

    operations = [
        append_only("record_leaf", "record_tile", "record_checkpoint"),
        migrations.RunSQL(
            function_only() + LINES + PENDING + ORDER + WRITE + refuse_truncate("record_leafline") + refuse_truncate("record_pendingleaf"),
            BACK,
        ),
    ]
