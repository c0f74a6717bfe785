-- Is the kit there within a minute of the label?
--
-- week, labelled, within_a_minute, later, none_yet: events by the week (its Monday, in France) of their first label.
WITH first_label AS (
    SELECT event_id, min(decided_at) AS at FROM decisions WHERE fact = 'EventLabelled' GROUP BY event_id
),
first_kit AS (
    -- the first one: an amendment of what is printed is sent a kit of its own, a KitFailed is none
    SELECT event_id, min(sent_at) AS at FROM kits WHERE fact = 'KitSent' GROUP BY event_id
),
waits AS (
    SELECT
        date_trunc('week', timezone('Europe/Paris', first_label.at))::DATE AS week,
        -- both by the campaign's clock: Kafka's `_timestamp` is the real time
        epoch(first_kit.at - first_label.at) AS seconds
    FROM first_label LEFT JOIN first_kit USING (event_id)
)
SELECT
    week,
    count(*) AS labelled,
    count(*) FILTER (seconds <= 60) AS within_a_minute,
    count(*) FILTER (seconds > 60) AS later,
    count(*) FILTER (seconds IS NULL) AS none_yet
FROM waits
GROUP BY week
ORDER BY week;
