-- What share does the machine decide, and how much of it is overturned?
--
-- who, said, events, appealed, overturned: the first yes or no on each event; how many organisers appealed against it; and
-- how often the label of that very revision became another one by a later decision. What follows an amendment is no
-- reversal: another text was judged. « people, not yet »: a person is asked and has not answered. They belong to the whole of
-- which the machine decides a share: it has left them to people.
WITH judged AS (
    SELECT event_id, revision, sequence, fact, label, automated, decided_by
    FROM decisions WHERE fact IN ('EventLabelled', 'EventRejected', 'AppealReceived')
),
first AS (
    FROM judged WHERE fact <> 'AppealReceived'
    QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY revision, sequence) = 1
),
since AS (
    SELECT
        first.event_id,
        bool_or(later.fact = 'AppealReceived') AS is_appealed,
        max_by(later.label, later.sequence) AS last_label
    FROM first JOIN judged AS later USING (event_id, revision)
    WHERE later.sequence >= first.sequence
    GROUP BY first.event_id
),
waiting AS (
    SELECT event_id FROM decisions WHERE fact IN ('ReviewRequested', 'CorrectionRequested')
    EXCEPT SELECT event_id FROM judged
    EXCEPT SELECT event_id FROM submissions WHERE fact = 'EventWithdrawn'
)
SELECT
    CASE WHEN decided_by = 'silence' THEN 'silence' WHEN automated THEN 'rules' ELSE 'people' END AS who,
    CASE label WHEN 'granted' THEN 'yes' ELSE 'no' END AS said,
    count(*) AS events,
    count(*) FILTER (is_appealed) AS appealed,
    count(*) FILTER (last_label <> label) AS overturned
FROM first JOIN since USING (event_id)
GROUP BY ALL
UNION ALL
SELECT 'people', 'not yet', count(*), 0, 0 FROM waiting HAVING count(*) > 0
ORDER BY who DESC, said = 'not yet', said DESC;
