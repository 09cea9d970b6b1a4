-- WITH NO SCHEMA BINDING: the view reads a function whose body PostgreSQL looks at only when it runs, so that the tables
-- may be dropped and made again under it. PostgreSQL inlines the function, so it costs nothing.
create sequence redshift.late_views;
grant usage on sequence redshift.late_views to public;

-- Views over tables or columns that do not exist yet. In their place stands a view that says so; bind_views makes the real one.
create table redshift.unbound_views (view oid, query text, path text);
grant select, insert on redshift.unbound_views to public;
create function redshift.is_missing(complaint text) returns integer language plpgsql as $$
begin
  raise exception '%', complaint using errcode = '42P01';
end $$;

-- The columns of a query as a function's result declares them.
create function redshift.columns_of(query text) returns text language plpgsql as $$
declare columns text;
begin
  execute 'create temporary view late_view_probe as ' || query;
  select string_agg(quote_ident(attname) || ' ' || format_type(atttypid, atttypmod), ', ' order by attnum) into columns
  from pg_attribute where attrelid = 'pg_temp.late_view_probe'::regclass and attnum > 0;
  drop view pg_temp.late_view_probe;
  return columns;
end $$;

-- Makes the view and gives the name of its function, or null when its tables are missing.
create function redshift.create_late_view(name text[], query text, replacing boolean) returns text language plpgsql as $$
declare
  parts constant integer := array_length(name, 1);
  in_schema constant text := quote_ident(case when parts > 1 then name[parts - 1] else current_schema() end);
  view constant text := in_schema || '.' || quote_ident(name[parts]);
  body constant text := in_schema || '.' || quote_ident('late binding ' || nextval('redshift.late_views')); -- views are renamed
  columns text;
  complaint text;
begin
  begin
    columns := redshift.columns_of(query);
  exception
    when undefined_table or undefined_column then
      complaint := sqlerrm;
    when undefined_function then
      raise exception 'the stand-in does not imitate late-binding views over functions that do not exist yet: %', sqlerrm
        using errcode = '0A000', hint = 'Make the functions first.';
  end;
  if replacing then
    execute 'drop view if exists ' || view;
  end if;
  if complaint is not null then
    execute format('create view %s as select redshift.is_missing(%L) as "its tables are missing"', view, complaint);
    insert into redshift.unbound_views values (view::regclass, query, current_setting('search_path'));
    return null;
  end if;
  execute 'create function ' || body || '() returns table (' || columns || ') language sql stable as ' || quote_literal(query);
  execute 'create view ' || view || ' as select * from ' || body || '()';
  return body;
end $$;

-- Binds a view whose tables have come, with its owner, its grants and its comment. It is false when they have not.
create function redshift.bind_view(unbound redshift.unbound_views) returns boolean language plpgsql as $$
declare
  old record;
  body text;
  allowed record;
begin
  select c.relname, n.nspname, c.relowner, c.relacl, quote_ident(n.nspname) || '.' || quote_ident(c.relname) as view, obj_description(c.oid, 'pg_class') as said
    into old from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = unbound.view;
  if not found then
    return true; -- it was dropped
  end if;
  perform set_config('search_path', unbound.path, true);
  begin
    perform redshift.columns_of(unbound.query);
  exception when undefined_table or undefined_column then
    return false;
  end;
  body := redshift.create_late_view(array[old.nspname, old.relname], unbound.query, true);
  execute format('alter view %s owner to %I', old.view, pg_get_userbyid(old.relowner));
  execute format('alter function %s owner to %I', body, pg_get_userbyid(old.relowner));
  for allowed in select privilege_type, grantee from aclexplode(old.relacl) where grantee <> old.relowner loop
    execute format('grant %s on %s to %s', allowed.privilege_type, old.view,
      case when allowed.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(allowed.grantee)) end);
  end loop;
  if old.said is not null then
    execute format('comment on view %s is %L', old.view, old.said);
  end if;
  return true;
end $$;

create function redshift.bind_views() returns event_trigger language plpgsql security definer set search_path = pg_catalog as $$
declare
  unbound redshift.unbound_views;
  progress boolean := true; -- a view that is bound may be another's table
begin
  if current_setting('redshift.binding', true) = 'on' or not exists (select from redshift.unbound_views) then
    return;
  end if;
  perform set_config('redshift.binding', 'on', true);
  while progress loop
    progress := false;
    for unbound in select * from redshift.unbound_views loop
      if redshift.bind_view(unbound) then
        delete from redshift.unbound_views u where u.view = unbound.view;
        progress := true;
      end if;
    end loop;
  end loop;
  perform set_config('redshift.binding', 'off', true);
end $$;
create event trigger redshift_bind_views on ddl_command_end
  when tag in ('CREATE TABLE', 'CREATE TABLE AS', 'CREATE VIEW', 'ALTER TABLE', 'ALTER VIEW') execute function redshift.bind_views();
