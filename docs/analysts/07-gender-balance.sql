-- How many events are about gender balance?
--
-- region, events, ticked, in_words_only: labelled events; those whose organiser ticked the edition's theme « Mixité »
-- (`themes` has gender_balance); those that did not, and whose words speak of it.
-- The words are an estimate, for editions whose form does not ask for themes: an event of « soudeuses et soudeurs » may be
-- about welding alone, one that means it may use none of these words. Whether women come, no fact says.
WITH counted AS (
    SELECT
        CASE WHEN is_online THEN 'En ligne' ELSE coalesce(region, 'Lieu inconnu') END AS region,
        list_contains(event.themes, 'gender_balance') AS is_ticked,
        regexp_matches(
            lower(event.title || ' ' || event.description),
            'mixité|égalité (professionnelle|femmes|filles)|femmes|\bfilles\b|ingénieures|soudeuses|techniciennes|sexis|stéréotypes'
        ) AS is_in_words
    FROM labelled LEFT JOIN places USING (event_id) LEFT JOIN regions USING (region_code)
)
SELECT
    region,
    count(*) AS events,
    count(*) FILTER (is_ticked) AS ticked,
    count(*) FILTER (is_in_words AND NOT is_ticked) AS in_words_only
FROM counted
GROUP BY region
ORDER BY region;
