-- How many events does each region hold on each day?
--
-- region, day, events: labelled events that take place, on each day on which they are open. « En ligne »: those that one
-- cannot go to, one that moved online among them; « Lieu inconnu »: those whose address no source knows.
WITH openings AS (
    SELECT event_id, is_online, event.timezone AS zone, unnest(event.slots) AS slot FROM labelled WHERE takes_place
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
