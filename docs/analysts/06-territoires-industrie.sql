-- In how many Territoires d’industrie is there an event to go to?
--
-- region, territories, with_an_event, events: of the 183 territories of the programme 2023–2027 (list of 2024-07-04), by the
-- region that leads each; `SET VARIABLE territories` says where docs/analysts/territories is.
WITH territories AS (
    SELECT id AS territory_id, id[4:5] AS region_code
    FROM read_csv(getvariable('territories') || '/territoires-industrie.csv', all_varchar = true)
),
communes AS (FROM read_csv(getvariable('territories') || '/communes.csv.gz', all_varchar = true)),
held AS (
    -- by the commune, not by the postcode: one postcode may serve a commune inside and one outside
    SELECT territory_id, count(*) AS events
    FROM labelled JOIN places USING (event_id) JOIN communes USING (commune_code)
    WHERE takes_place AND NOT is_online
    GROUP BY territory_id
)
SELECT region, count(*) AS territories, count(events) AS with_an_event, coalesce(sum(events), 0)::BIGINT AS events
FROM territories JOIN regions USING (region_code) LEFT JOIN held USING (territory_id)
GROUP BY region
ORDER BY region;
