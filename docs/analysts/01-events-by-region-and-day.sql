-- How many events does each region hold on each day?
--
-- region, day, events: labelled events that take place, on each day on which they are open.
WITH openings AS (
    SELECT event_id, event.venue IS NULL AS is_online, event.timezone AS zone, unnest(event.slots) AS slot
    FROM labelled
    -- a cancelled event keeps its label, so that visitors learn of it: it is no event to go to
    WHERE event.status NOT IN ('cancelled', 'postponed')
)
SELECT
    CASE WHEN is_online THEN 'En ligne' ELSE coalesce(region, 'Lieu inconnu') END AS region,
    -- the date at the event's own place: 22:00 UTC on Monday is Tuesday on La Réunion
    timezone(zone, slot.starts_at::TIMESTAMPTZ)::DATE AS day,
    count(DISTINCT event_id) AS events  -- not of openings: a morning and an afternoon are one event
FROM openings LEFT JOIN places USING (event_id) LEFT JOIN regions USING (region_code)
WHERE slot.status <> 'cancelled'
GROUP BY ALL
ORDER BY region, day;
