-- How long does an organiser wait for a yes or a no?
--
-- waited, by_rules, by_people, after_correction, by_silence, waiting: events by the time from their first submission to their
-- first decision, and by who took it: the rules, a person, or a time limit that ran out. After a correction, part of the time
-- was the organiser's own, whoever decided then. Who still waits is in the last row: to leave them out would make waits
-- shorter than they are.
WITH submitted AS (
    SELECT event_id, min(submitted_at) AS at FROM submissions WHERE fact = 'EventSubmitted' GROUP BY event_id
),
decided AS (
    -- the first of an event alone: an amendment that changes nothing of what is judged is told with the words of the
    -- person who decided before, at once, and would count as a person who is as quick as a machine
    SELECT event_id, min_by(struct_pack(decided_at, decided_by, automated), (revision, sequence)) AS first
    FROM decisions
    -- EventRejected, not the label alone: an AppealReceived says « refused » too, and decides nothing
    WHERE fact IN ('EventLabelled', 'EventRejected')
    GROUP BY event_id
),
corrected AS (
    SELECT event_id, min(decided_at) AS asked_at FROM decisions WHERE fact = 'CorrectionRequested' GROUP BY event_id
),
waits AS (
    SELECT
        epoch(first.decided_at - submitted.at) AS seconds,
        CASE
            WHEN first IS NULL THEN 'nobody'
            WHEN asked_at < first.decided_at THEN 'correction'
            WHEN first.decided_by = 'silence' THEN 'silence'
            WHEN first.automated THEN 'rules'
            ELSE 'people'
        END AS who
    FROM submitted LEFT JOIN decided USING (event_id) LEFT JOIN corrected USING (event_id)
    -- an event that was taken back before its answer waits no more
    WHERE first IS NOT NULL OR event_id NOT IN (SELECT event_id FROM submissions WHERE fact = 'EventWithdrawn')
),
steps AS (
    SELECT * FROM (VALUES
        (1, 0, 1, 'less than 1 s'), (2, 1, 10, '1 to 10 s'), (3, 10, 60, '10 s to 1 min'),
        (4, 60, 3600, '1 min to 1 h'), (5, 3600, 86400, '1 h to 1 day'), (6, 86400, 2 * 86400, '1 to 2 days'),
        (7, 2 * 86400, 4 * 86400, '2 to 4 days'), (8, 4 * 86400, 8 * 86400, '4 to 8 days'),
        (9, 8 * 86400, 'inf'::DOUBLE, 'longer'), (10, NULL, NULL, 'no answer yet')
    ) AS step (place, from_s, to_s, waited)
)
SELECT
    waited,
    count(*) FILTER (who = 'rules') AS by_rules,
    count(*) FILTER (who = 'people') AS by_people,
    count(*) FILTER (who = 'correction') AS after_correction,
    count(*) FILTER (who = 'silence') AS by_silence,
    count(*) FILTER (who = 'nobody') AS waiting
FROM steps LEFT JOIN waits ON (seconds >= from_s AND seconds < to_s) OR (who = 'nobody' AND waited = 'no answer yet')
GROUP BY place, waited
ORDER BY place;
