-- For whom are the events, and who holds them?
--
-- organisation_kind, audience, events: labelled events. One for pupils and for teachers is in two rows: only the rows of
-- one audience add up to events. « not told » where the organiser did not say what they are.
SELECT organisation_kind, audience, count(*) AS events
FROM (
    SELECT
        coalesce(event.organisation_kind, 'not told') AS organisation_kind,
        unnest(list_distinct(event.audiences)) AS audience
    FROM labelled
)
GROUP BY ALL
ORDER BY organisation_kind, audience;
