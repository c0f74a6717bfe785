-- What do organisers change, and what becomes of the label?
--
-- changed, amendments, label_kept, person_asked, label_gone, no_label_before: amendments by what they change, and by the
-- first decision on them. An amendment that changes hours and words is in two rows.
WITH revisions AS (
    -- by revision, not by the time of arrival; a revision that is told again (a greater sequence) is one revision
    SELECT event_id, revision, max_by(event, sequence) AS event
    FROM submissions WHERE fact = 'EventSubmitted' GROUP BY event_id, revision
),
pairs AS (
    SELECT event_id, revision, event AS after, lag(event) OVER story AS before, lag(revision) OVER story AS previous
    FROM revisions WINDOW story AS (PARTITION BY event_id ORDER BY revision)
),
changes AS (
    SELECT event_id, revision, unnest(list_filter([
        CASE WHEN after.slots IS DISTINCT FROM before.slots THEN 'hours' END,
        CASE WHEN after.venue IS DISTINCT FROM before.venue
               OR after.online_url IS DISTINCT FROM before.online_url THEN 'place' END,
        CASE WHEN (after.title, after.description, after.organisation)
               IS DISTINCT FROM (before.title, before.description, before.organisation) THEN 'words' END,
        CASE WHEN (after.audiences, after.admission, after.is_free, after.kind)
               IS DISTINCT FROM (before.audiences, before.admission, before.is_free, before.kind) THEN 'who may come' END,
        CASE WHEN after.status IS DISTINCT FROM before.status THEN 'status' END,
        CASE WHEN (after.booking, after.website, after.capacity)
               IS DISTINCT FROM (before.booking, before.website, before.capacity) THEN 'booking' END,
        CASE WHEN (after.themes, after.accessibility) IS DISTINCT FROM (before.themes, before.accessibility)
             THEN 'themes, access' END
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
