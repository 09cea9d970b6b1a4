-- System tables that dbt-redshift and people look into.
create view pg_catalog.svv_table_info as
  select current_database()::text as database, n.nspname::text as schema, c.oid::int as table_id, c.relname::text as "table",
         'Y'::text as encoded, 'EVEN'::text as diststyle, null::text as sortkey1, null::int as max_varchar, null::text as sortkey1_enc,
         0::int as sortkey_num, greatest(1, pg_total_relation_size(c.oid) / 1000000)::bigint as size, 0::numeric as pct_used, 0::bigint as empty,
         null::numeric as unsorted, 0::numeric as stats_off, greatest(c.reltuples, 0)::numeric as tbl_rows, null::numeric as skew_sortkey1,
         null::numeric as skew_rows, 0::numeric as estimated_visible_rows, null::varchar as risk_event, 0::numeric as vacuum_sort_benefit
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema', 'redshift');
create view pg_catalog.svv_external_columns as
  select null::text as schemaname, null::text as tablename, null::text as columnname, null::text as external_type, null::int as columnnum,
         null::int as part_key, null::text as is_nullable where false;
create view pg_catalog.svv_tables as
  select table_catalog::text, table_schema::text, table_name::text, table_type::text, null::text as remarks from information_schema.tables;
create view pg_catalog.svv_columns as
  select table_catalog::text, table_schema::text, table_name::text, column_name::text, ordinal_position::int, column_default::text, is_nullable::text,
         data_type::text, character_maximum_length::int, numeric_precision::int, numeric_scale::int, null::text as remarks
  from information_schema.columns;
create view pg_catalog.svv_redshift_columns as
  select current_database()::text as database_name, table_schema::text as schema_name, table_name::text, column_name::text, ordinal_position::int,
         data_type::text, column_default::text, is_nullable::text, null::text as encoding, false as distkey, 0 as sortkey, null::text as column_acl, null::text as remarks
  from information_schema.columns;
create view pg_catalog.svv_redshift_tables as
  select table_catalog::text as database_name, table_schema::text as schema_name, table_name::text, table_type::text, null::text as table_acl, null::text as remarks
  from information_schema.tables;
create view pg_catalog.stv_db_isolation_level as select current_database()::text as db_name, 'Snapshot Isolation'::text as isolation_level;
create function pg_catalog.pg_get_late_binding_view_cols() returns setof record language sql stable as
  $$ select null::name, null::name, null::name, null::varchar, null::int where false $$;
grant select on pg_catalog.svv_table_info, pg_catalog.svv_external_columns, pg_catalog.svv_tables, pg_catalog.svv_columns,
  pg_catalog.svv_redshift_columns, pg_catalog.svv_redshift_tables, pg_catalog.stv_db_isolation_level to public;
