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

CREATE OR REPLACE MACRO facts_of(topic) AS TABLE
    WITH records AS MATERIALIZED (
        SELECT * EXCLUDE (_headers, _traceparent, filename), parse_path(filename)[-3] AS fact  -- the folder: « EventLabelled »
        FROM read_parquet(
            getvariable('facts') || '/*/*/' || topic || '-*.parquet',
            union_by_name = true, filename = true, hive_partitioning = true
        )
    ),
    -- one key, one partition: of its records, the one with the greater offset is the later
    taken_back AS (SELECT _key, max(_offset) AS until FROM records WHERE fact = 'Tombstone' GROUP BY _key)
    SELECT records.* FROM records LEFT JOIN taken_back USING (_key)
    WHERE edition = getvariable('edition') AND (until IS NULL OR _offset > until)
    QUALIFY row_number() OVER (PARTITION BY _ce_id ORDER BY _offset) = 1;

-- Facts bear their instants (submitted_at, decided_at, sent_at …), all by the campaign's clock. `_timestamp` and `_ce_time`
-- are the real time, which is another where an edition is played again: never take the one from the other.
CREATE OR REPLACE TABLE submissions AS FROM facts_of('registration.events');
CREATE OR REPLACE TABLE decisions AS FROM facts_of('labelling.decisions');
CREATE OR REPLACE TABLE locations AS FROM facts_of('geocoding.locations');
CREATE OR REPLACE TABLE kits AS FROM facts_of('commskit.kits');

-- The events that have the label now, each as visitors are shown it. Of an event the newest decision counts, that is
-- the one with the greatest (revision, sequence), whatever came late; but « under_review » decides nothing yet: a label
-- that an earlier revision has is kept until somebody has decided. A refused, suspended or withdrawn one is gone.
CREATE OR REPLACE VIEW labelled AS
    WITH standing AS (
        SELECT event_id, max_by(struct_pack(revision, label, event), (revision, sequence)) AS newest
        FROM decisions WHERE label <> 'under_review' GROUP BY event_id
    )
    SELECT event_id, newest.revision AS revision, newest.event AS event
    FROM standing WHERE newest.label = 'granted';

-- Where each event on site is, by the newest word on it; none where no source knows its address. An event online is in
-- no region.
CREATE OR REPLACE VIEW places AS
    WITH newest AS (
        SELECT event_id, max_by(struct_pack(fact, location), (revision, sequence)) AS said
        FROM locations GROUP BY event_id
    )
    SELECT event_id, unnest(said.location) FROM newest WHERE said.fact = 'EventLocated';

CREATE OR REPLACE VIEW regions AS
    SELECT * FROM (VALUES
        ('84', 'Auvergne-Rhône-Alpes'), ('27', 'Bourgogne-Franche-Comté'), ('53', 'Bretagne'),
        ('24', 'Centre-Val de Loire'), ('94', 'Corse'), ('44', 'Grand Est'), ('01', 'Guadeloupe'), ('03', 'Guyane'),
        ('32', 'Hauts-de-France'), ('11', 'Île-de-France'), ('04', 'La Réunion'), ('02', 'Martinique'),
        ('06', 'Mayotte'), ('28', 'Normandie'), ('75', 'Nouvelle-Aquitaine'), ('76', 'Occitanie'),
        ('52', 'Pays de la Loire'), ('93', 'Provence-Alpes-Côte d’Azur')
    ) AS insee (region_code, region);
