-- The facts of one edition, as tables. First say where the export is, and which edition is meant:
--     SET VARIABLE facts = 'facts';  SET VARIABLE edition = '2026';
--
-- A table a topic, not a type. Tables and not views: an export of a year is some thousand files, and each question would
-- open them anew. Run this again when the export has grown.
--
-- Guarded here, once for all that is asked of these tables:
--   · the same record told twice has one ce_id, and is taken once;
--   · a record without a value (a tombstone) takes back what its key said before it;
--   · other editions are left out;
--   · a column is there, and empty, before the first message that has it was told.
SET TimeZone = 'UTC';

SET preserve_insertion_order = false;

SET VARIABLE files = (SELECT list(file) FROM glob(getvariable('facts') || '/*/*/*.parquet'));

-- The columns of a topic, without a row: of its messages together, those that a message has in its file, and `fact`.
CREATE OR REPLACE MACRO no_rows(own) AS TABLE
    FROM query('SELECT unnest(NULL::STRUCT(
        event_id VARCHAR, revision BIGINT, sequence BIGINT, edition VARCHAR, ' || own || ', more VARCHAR,
        _topic VARCHAR, _partition INTEGER, _offset BIGINT, _timestamp TIMESTAMPTZ, _key VARCHAR,
        _ce_id VARCHAR, _ce_type VARCHAR, _ce_time TIMESTAMPTZ, _dataschema VARCHAR, day DATE, fact VARCHAR
    )) LIMIT 0');

-- What a topic says of the edition, and its tombstones, which name none.
CREATE OR REPLACE MACRO told_on(topic) AS TABLE
    -- of a topic on which nothing was told yet there is no file, and DuckDB refuses to read none
    FROM query(CASE WHEN len(list_filter(getvariable('files'), lambda file: contains(file, '/' || topic || '-'))) > 0 THEN
        'SELECT * EXCLUDE (_headers, _traceparent, filename), parse_path(filename)[-3] AS fact  -- the folder: « EventLabelled »
        FROM read_parquet(
            list_filter(getvariable(''files''), lambda file: contains(file, ''/' || topic || '-'')),
            union_by_name = true, filename = true, hive_partitioning = true
        )
        WHERE edition = getvariable(''edition'') OR parse_path(filename)[-3] = ''Tombstone'''
    ELSE 'SELECT NULL::VARCHAR AS event_id LIMIT 0' END);

SET VARIABLE event = 'event STRUCT(
    event_id VARCHAR, revision BIGINT, edition VARCHAR, organiser_id VARCHAR, organisation VARCHAR, organisation_kind VARCHAR,
    siret VARCHAR, title VARCHAR, description VARCHAR, kind VARCHAR, themes VARCHAR[], audiences VARCHAR[], admission VARCHAR,
    is_free BOOLEAN, status VARCHAR, status_note VARCHAR,
    slots STRUCT(starts_at TIMESTAMPTZ, ends_at TIMESTAMPTZ, id VARCHAR, status VARCHAR)[], timezone VARCHAR,
    venue STRUCT(
        name VARCHAR, address STRUCT(street VARCHAR, postcode VARCHAR, city VARCHAR, commune_code VARCHAR),
        position STRUCT(longitude DOUBLE, latitude DOUBLE, is_confirmed BOOLEAN, is_confirmed_twice BOOLEAN)
    ),
    online_url VARCHAR, website VARCHAR, booking STRUCT(url VARCHAR, email VARCHAR, telephone VARCHAR), capacity BIGINT,
    accessibility VARCHAR[], external_id VARCHAR, copied_from VARCHAR, -- what came later follows, as in the files
    has_private_link BOOLEAN, online_region VARCHAR, access VARCHAR, accessibility_note VARCHAR,
    picture STRUCT(
        id VARCHAR, url VARCHAR, thumbnail_url VARCHAR, width BIGINT, height BIGINT, credit VARCHAR, alternative_text VARCHAR
    ),
    resembles VARCHAR[]
)';

-- Facts bear their instants (submitted_at, decided_at, sent_at …), all by the campaign's clock. `_timestamp` and `_ce_time`
-- are the real time, which is another where an edition is played again: never take the one from the other.
CREATE OR REPLACE TABLE submissions AS
    FROM no_rows(getvariable('event') || ', submitted_at TIMESTAMPTZ, withdrawn_at TIMESTAMPTZ')
    UNION ALL BY NAME FROM told_on('registration.events');

CREATE OR REPLACE TABLE decisions AS
    FROM no_rows(getvariable('event') || ', decision_id VARCHAR, label VARCHAR, decided_by VARCHAR, automated BOOLEAN,
        ruleset VARCHAR, supersedes VARCHAR, decided_at TIMESTAMPTZ, had_label BOOLEAN,
        verdicts STRUCT(
            code VARCHAR, message VARCHAR, condition VARCHAR, finding VARCHAR, hint VARCHAR,
            evidence STRUCT(text VARCHAR, field VARCHAR, start BIGINT, "end" BIGINT)[], rule VARCHAR, rule_version VARCHAR
        )[],
        region VARCHAR, due_at TIMESTAMPTZ, correction STRUCT(kind VARCHAR, message VARCHAR),
        reason STRUCT(code VARCHAR, message VARCHAR)')
    UNION ALL BY NAME FROM told_on('labelling.decisions');

CREATE OR REPLACE TABLE locations AS
    FROM no_rows('location STRUCT(
            longitude DOUBLE, latitude DOUBLE, precision VARCHAR, radius_m BIGINT, commune_code VARCHAR, commune_name VARCHAR,
            department_code VARCHAR, region_code VARCHAR, epci_code VARCHAR, industry_territory VARCHAR, academy VARCHAR,
            timezone VARCHAR, provider VARCHAR, vintage VARCHAR, matched_label VARCHAR, score DOUBLE, is_confirmed BOOLEAN,
            doubts STRUCT(code VARCHAR, message VARCHAR)[]
        ), located_at TIMESTAMPTZ, reason STRUCT(code VARCHAR, message VARCHAR), looked_up_at TIMESTAMPTZ')
    UNION ALL BY NAME FROM told_on('geocoding.locations');

CREATE OR REPLACE TABLE kits AS
    FROM no_rows('kit_id VARCHAR, pieces STRUCT(name VARCHAR, media_type VARCHAR, bytes BIGINT, sha256 VARCHAR)[],
        sent_at TIMESTAMPTZ, notice_id VARCHAR, notice VARCHAR, reason STRUCT(code VARCHAR, message VARCHAR),
        failed_at TIMESTAMPTZ')
    UNION ALL BY NAME FROM told_on('commskit.kits');

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
    SELECT
        event_id,
        revision,
        event,
        -- a cancelled event keeps its label, so that visitors learn of it: it is no event to go to
        event.status NOT IN ('cancelled', 'postponed') AS takes_place,
        -- one that moved online may still name the venue that nobody is to go to any more
        event.venue IS NULL OR event.status = 'moved_online' AS is_online
    FROM decisions
    WHERE label = 'granted' AND rowid IN (
        SELECT max_by(rowid, (revision, sequence)) FROM decisions WHERE label <> 'under_review' GROUP BY event_id
    );

-- Where the venue of each event is, with the label or without, by the newest word on it; none where no source knows its
-- address, and of an event that never had one.
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
