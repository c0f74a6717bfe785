-- Why are events refused, and is it mended?
--
-- condition, code, events, labelled_since: events ever refused for this reason, and how many of them have the label now.
-- An event refused for two reasons is in two rows: the rows do not add up to events.
WITH refusals AS (
    -- an AppealReceived bears the verdicts of the refusal once more: only an EventRejected refuses
    SELECT event_id, unnest(verdicts) AS verdict FROM decisions WHERE fact = 'EventRejected'
)
SELECT
    verdict.condition,
    verdict.code,
    count(DISTINCT event_id) AS events,  -- refused twice for the same is one event
    count(DISTINCT event_id) FILTER (labelled.event_id IS NOT NULL) AS labelled_since
FROM refusals LEFT JOIN labelled USING (event_id)
WHERE verdict.finding = 'not_met'  -- beside it stand the conditions that are met
GROUP BY ALL
ORDER BY events DESC, verdict.condition, verdict.code;
