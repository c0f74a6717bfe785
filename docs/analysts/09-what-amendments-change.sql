-- What do organisers change, and what becomes of the label?
--
-- changed, amendments, label_kept, person_asked, label_gone, no_label_before: amendments by what they change, and by the
-- first decision on them. An amendment that changes hours and words is in two rows.
WITH revisions AS (
    -- by revision, not by the time of arrival; a revision that is told again (a greater sequence) is one revision. Of each
    -- part a hash: whether it changed is all that is asked
    SELECT event_id, revision, max_by(struct_pack(
        hours := hash(event.slots),
        place := hash((event.venue, event.online_url)),
        words := hash((event.title, event.description, event.organisation)),
        who := hash((event.audiences, event.admission, event.is_free, event.kind)),
        status := hash(event.status),
        booking := hash((event.booking, event.website, event.capacity)),
        themes := hash((event.themes, event.accessibility))
    ), sequence) AS said
    FROM submissions WHERE fact = 'EventSubmitted' GROUP BY event_id, revision
),
pairs AS (
    SELECT event_id, revision, said, lag(said) OVER story AS before, lag(revision) OVER story AS previous
    FROM revisions WINDOW story AS (PARTITION BY event_id ORDER BY revision)
),
changes AS (
    SELECT event_id, revision, unnest(list_filter([
        CASE WHEN said.hours <> before.hours THEN 'hours' END,
        CASE WHEN said.place <> before.place THEN 'place' END,
        CASE WHEN said.words <> before.words THEN 'words' END,
        CASE WHEN said.who <> before.who THEN 'who may come' END,
        CASE WHEN said.status <> before.status THEN 'status' END,
        CASE WHEN said.booking <> before.booking THEN 'booking' END,
        CASE WHEN said.themes <> before.themes THEN 'themes, access' END
    ], lambda one: one IS NOT NULL)) AS changed
    FROM pairs
    -- the first revision amends nothing; and of an old edition compaction may have left gaps: what lies between two
    -- revisions that do not follow each other is unknown
    WHERE revision = previous + 1
),
decided AS (
    SELECT event_id, revision, min_by(struct_pack(label, had_label), sequence) AS first
    FROM decisions GROUP BY event_id, revision
)
SELECT
    changed,
    count(*) AS amendments,
    count(*) FILTER (first.had_label AND first.label = 'granted') AS label_kept,
    count(*) FILTER (first.had_label AND first.label IN ('under_review', 'suspended')) AS person_asked,
    count(*) FILTER (first.had_label AND first.label = 'refused') AS label_gone,
    count(*) FILTER (first.had_label IS NOT TRUE) AS no_label_before
FROM changes LEFT JOIN decided USING (event_id, revision)
GROUP BY changed
ORDER BY amendments DESC, changed;
