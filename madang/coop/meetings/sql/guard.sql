-- Who is there is noted while a meeting is open, and never rewritten: who leaves gets a time, who comes back a new line.
CREATE OR REPLACE FUNCTION meetings_guard_attendance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'Attendance is never deleted' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND ((NEW.id, NEW.meeting_id, NEW.membership_id, NEW.person_id, NEW.how, NEW.typed_by_id, NEW.came_at)
        IS DISTINCT FROM (OLD.id, OLD.meeting_id, OLD.membership_id, OLD.person_id, OLD.how, OLD.typed_by_id, OLD.came_at) OR OLD.left_at IS NOT NULL) THEN
        RAISE EXCEPTION 'Attendance is never rewritten' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (SELECT state FROM meetings_meeting WHERE id = NEW.meeting_id) IS DISTINCT FROM 'open' THEN
        RAISE EXCEPTION 'The meeting is not open' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'meetings_is_open';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER meetings_attendance_guard BEFORE INSERT OR UPDATE OR DELETE ON meetings_attendance
    FOR EACH ROW EXECUTE FUNCTION meetings_guard_attendance();

-- A meeting moves only along its course; when it was held, and who was called, is not rewritten.
CREATE OR REPLACE FUNCTION meetings_guard_meeting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'A meeting is never deleted' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'A meeting begins as a draft' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN
        (('draft', 'called'), ('draft', 'cancelled'), ('called', 'open'), ('called', 'cancelled'), ('open', 'closed')) THEN
        RAISE EXCEPTION 'A meeting cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state <> 'draft' AND (NEW.title, NEW.starts_at, NEW.called_at) IS DISTINCT FROM (OLD.title, OLD.starts_at, OLD.called_at) THEN
        RAISE EXCEPTION 'What members were called to does not change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER meetings_meeting_guard BEFORE INSERT OR UPDATE OR DELETE ON meetings_meeting
    FOR EACH ROW EXECUTE FUNCTION meetings_guard_meeting();

CREATE TRIGGER meetings_meeting_keep_all BEFORE TRUNCATE ON meetings_meeting FOR EACH STATEMENT EXECUTE FUNCTION madang_append_only();
CREATE TRIGGER meetings_attendance_keep_all BEFORE TRUNCATE ON meetings_attendance FOR EACH STATEMENT EXECUTE FUNCTION madang_append_only();
