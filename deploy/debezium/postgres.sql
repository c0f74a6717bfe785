-- Lets Debezium read a service's outbox, and nothing else by way of SQL. To be run by the server's master in each
-- service's database; done again, it changes nothing. The password is set apart: ALTER ROLE debezium PASSWORD '…'.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'debezium') THEN
        CREATE ROLE debezium LOGIN REPLICATION;
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO debezium', current_database());
    IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'outbox') THEN
        -- what is told is told once: neither the mark that a fact was told nor its removal is news
        CREATE PUBLICATION outbox FOR TABLE public.outbox WITH (publish = 'insert');
    END IF;
END $$;
GRANT SELECT ON public.outbox TO debezium;
