-- How many events are called off, put off or moved online, and when was it said?
--
-- week, status, events: labelled events whose status is this now, by the week (its Monday, in France) in which their
-- organiser said so first. An event that was called off and is on again is in no row; one that was taken back
-- (EventWithdrawn) is not called off: it is gone, and its label with it.
WITH revisions AS (
    SELECT event_id, revision, max_by(struct_pack(status := event.status, submitted_at), sequence) AS said
    FROM submissions WHERE fact = 'EventSubmitted' GROUP BY event_id, revision
),
now AS (
    SELECT event_id, max(revision) AS revision, max_by(said.status, revision) AS status
    FROM revisions GROUP BY event_id
),
-- the last revision that said something else: what came after it said what is said now, perhaps more than once
before AS (
    SELECT event_id, max(revisions.revision) AS revision
    FROM revisions JOIN now USING (event_id) WHERE said.status <> status GROUP BY event_id
)
SELECT
    date_trunc('week', timezone('Europe/Paris', since))::DATE AS week,
    status,
    count(*) AS events
FROM (
    SELECT event_id, status, min(said.submitted_at) AS since
    FROM now JOIN revisions USING (event_id) LEFT JOIN before USING (event_id)
    WHERE before.revision IS NULL OR revisions.revision > before.revision
    GROUP BY event_id, status
) SEMI JOIN labelled USING (event_id)
WHERE status IN ('cancelled', 'postponed', 'moved_online')
GROUP BY ALL
ORDER BY week, status;
