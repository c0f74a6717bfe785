-- Who does something in this database, whom it waits for, and who sits on what others wait for; and which sessions lead,
-- idle as these mostly are: the relay's, for one. End one of them by SELECT pg_terminate_backend(PID);
SELECT
    pid,
    usename AS who,
    application_name AS program,
    state,
    date_trunc('second', clock_timestamp() - coalesce(xact_start, state_change)) AS since,
    nullif(pg_blocking_pids(pid), '{}') AS waits_for,
    (SELECT count(*) FROM pg_stat_activity AS other WHERE activity.pid = ANY (pg_blocking_pids(other.pid))) AS held_up,
    leads,
    left(regexp_replace(query, '\s+', ' ', 'g'), 70) AS query
FROM pg_stat_activity AS activity
CROSS JOIN LATERAL (
    SELECT count(*) > 0 AS leads FROM pg_locks WHERE pg_locks.pid = activity.pid AND locktype = 'advisory'
) AS locks
WHERE datname = current_database() AND (state <> 'idle' OR leads) AND pid <> pg_backend_pid()
ORDER BY held_up DESC, since DESC NULLS LAST;
