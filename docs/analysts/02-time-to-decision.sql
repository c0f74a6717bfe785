-- How long does an organiser wait for a yes or a no?
--
-- waited, by_rules, by_people, after_correction, by_silence: events by the time from their first submission to their first
-- decision, and by who took it. After a correction, part of the time was the organiser's own, whoever decided then.
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
            WHEN asked_at < first.decided_at THEN 'correction'
            WHEN first.decided_by = 'silence' THEN 'silence'
            WHEN first.automated THEN 'rules'
            ELSE 'people'
        END AS who
    FROM decided JOIN submitted USING (event_id) LEFT JOIN corrected USING (event_id)
),
steps AS (
    SELECT * FROM (VALUES
        (1, 0, 1, 'less than 1 s'), (2, 1, 10, '1 to 10 s'), (3, 10, 60, '10 s to 1 min'),
        (4, 60, 3600, '1 min to 1 h'), (5, 3600, 86400, '1 h to 1 day'), (6, 86400, 2 * 86400, '1 to 2 days'),
        (7, 2 * 86400, 4 * 86400, '2 to 4 days'), (8, 4 * 86400, 8 * 86400, '4 to 8 days'),
        (9, 8 * 86400, 'inf'::DOUBLE, 'longer')
    ) AS step (place, from_s, to_s, waited)
)
SELECT
    waited,
    count(*) FILTER (who = 'rules') AS by_rules,
    count(*) FILTER (who = 'people') AS by_people,
    count(*) FILTER (who = 'correction') AS after_correction,
    count(*) FILTER (who = 'silence') AS by_silence
FROM steps LEFT JOIN waits ON seconds >= from_s AND seconds < to_s
GROUP BY place, waited
ORDER BY place;
