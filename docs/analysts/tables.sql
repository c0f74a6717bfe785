-- The facts of one edition, as tables. First say where the export is, and which edition is meant:
--     SET VARIABLE facts = 'facts';  SET VARIABLE edition = '2026';
--
-- A table a topic, not a type: a type that nobody told yet has no folder, and DuckDB refuses a pattern that finds no file.
-- Tables and not views: an export of a year is some thousand files, and each question would open them anew. Run this again
-- when the export has grown.
--
-- Guarded here, once for all that is asked of these tables:
--   · the same record told twice has one ce_id, and is taken once;
--   · a record without a value (a tombstone) takes back what its key said before it;
--   · other editions are left out.
SET TimeZone = 'UTC';

SET preserve_insertion_order = false;

-- What a topic says of the edition, and its tombstones, which name none.
CREATE OR REPLACE MACRO told_on(topic) AS TABLE
    SELECT * EXCLUDE (_headers, _traceparent, filename), parse_path(filename)[-3] AS fact  -- the folder: « EventLabelled »
    FROM read_parquet(
        getvariable('facts') || '/*/*/' || topic || '-*.parquet',
        union_by_name = true, filename = true, hive_partitioning = true
    )
    WHERE edition = getvariable('edition') OR parse_path(filename)[-3] = 'Tombstone';

-- Facts bear their instants (submitted_at, decided_at, sent_at …), all by the campaign's clock. `_timestamp` and `_ce_time`
-- are the real time, which is another where an edition is played again: never take the one from the other.
CREATE OR REPLACE TABLE submissions AS FROM told_on('registration.events');
CREATE OR REPLACE TABLE decisions AS FROM told_on('labelling.decisions');
CREATE OR REPLACE TABLE locations AS FROM told_on('geocoding.locations');
CREATE OR REPLACE TABLE kits AS FROM told_on('commskit.kits');

-- Of these, what is no fact, or not any more. One key, one partition: of its records, the one with the greater offset is the
-- later.
CREATE OR REPLACE MACRO gone(told) AS TABLE
    SELECT (_partition, _offset) FROM query_table(told) JOIN (
        SELECT _ce_id, min(_offset) AS first FROM query_table(told) GROUP BY _ce_id HAVING count(*) > 1
    ) USING (_ce_id) WHERE _offset > first
    UNION ALL
    SELECT (_partition, _offset) FROM query_table(told) JOIN (
        SELECT _key, max(_offset) AS until FROM query_table(told) WHERE fact = 'Tombstone' GROUP BY _key
    ) USING (_key) WHERE _offset <= until;

DELETE FROM submissions WHERE (_partition, _offset) IN (FROM gone('submissions'));
DELETE FROM decisions WHERE (_partition, _offset) IN (FROM gone('decisions'));
DELETE FROM locations WHERE (_partition, _offset) IN (FROM gone('locations'));
DELETE FROM kits WHERE (_partition, _offset) IN (FROM gone('kits'));

-- The events that have the label now, each as visitors are shown it. Of an event the newest decision counts, that is
-- the one with the greatest (revision, sequence), whatever came late; but « under_review » decides nothing yet: a label
-- that an earlier revision has is kept until somebody has decided. A refused, suspended or withdrawn one is gone.
CREATE OR REPLACE TABLE labelled AS
    SELECT event_id, revision, event FROM decisions
    WHERE label = 'granted' AND rowid IN (
        SELECT max_by(rowid, (revision, sequence)) FROM decisions WHERE label <> 'under_review' GROUP BY event_id
    );

-- Where each event on site is, by the newest word on it; none where no source knows its address. An event online is in
-- no region.
CREATE OR REPLACE TABLE places AS
    SELECT event_id, unnest(location) FROM locations
    WHERE fact = 'EventLocated' AND rowid IN (
        SELECT max_by(rowid, (revision, sequence)) FROM locations GROUP BY event_id
    );

CREATE OR REPLACE VIEW regions AS
    SELECT * FROM (VALUES
        ('84', 'Auvergne-Rhône-Alpes'), ('27', 'Bourgogne-Franche-Comté'), ('53', 'Bretagne'),
        ('24', 'Centre-Val de Loire'), ('94', 'Corse'), ('44', 'Grand Est'), ('01', 'Guadeloupe'), ('03', 'Guyane'),
        ('32', 'Hauts-de-France'), ('11', 'Île-de-France'), ('04', 'La Réunion'), ('02', 'Martinique'),
        ('06', 'Mayotte'), ('28', 'Normandie'), ('75', 'Nouvelle-Aquitaine'), ('76', 'Occitanie'),
        ('52', 'Pays de la Loire'), ('93', 'Provence-Alpes-Côte d’Azur')
    ) AS insee (region_code, region);
