-- 1 files
BEGIN;
LOCK landing.load_lock;
SELECT load_id, table_name, dt, hr, manifest_digest, manifest_key, files, bytes, rows, rows_before, copy_query_id, status, loaded_at, errors FROM landing.loads
WHERE table_name = 'postbacks' AND dt = '2026-11-19' AND hr = 4 ORDER BY loaded_at DESC LIMIT 1;
SELECT COUNT(*) FROM landing.postbacks WHERE dt = '2026-11-19' AND hr = 4;
SELECT GETDATE();
CREATE TEMP TABLE stage (payload SUPER);
COPY stage FROM 's3://archive/manifests/postbacks/dt=2026-11-19/hr=04/<load_id>.manifest' IAM_ROLE 'arn:aws:iam::000000000000:role/copy' FORMAT JSON 'noshred' GZIP MANIFEST REGION 'us-east-1' MAXERROR 0 COMPUPDATE OFF STATUPDATE OFF;
SELECT pg_last_copy_count(), pg_last_copy_id();
SELECT COUNT(*) FROM stage WHERE NOT IS_OBJECT(payload);
DELETE FROM landing.postbacks WHERE dt = '2026-11-19' AND hr = 4;
INSERT INTO landing.postbacks (payload, dt, hr, load_id, loaded_at)
SELECT payload, '2026-11-19'::DATE, 4::SMALLINT, '<load_id>'::VARCHAR(36), '<loaded_at>'::TIMESTAMP FROM stage;
DROP TABLE stage;
INSERT INTO landing.loads (load_id, table_name, dt, hr, manifest_digest, manifest_key, files, bytes, rows, rows_before, copy_query_id, status, loaded_at, errors)
VALUES ('<load_id>', 'postbacks', '2026-11-19', 4, 'bfafb171414c4ea29cd3e0f319d3c8b907c8c0d31d49af192c444b4ae7e0b93f', 'manifests/postbacks/dt=2026-11-19/hr=04/<load_id>.manifest', 1, 7, <rows>, <rows_before>, <copy_query_id>, 'loaded', '<loaded_at>', 0);
COMMIT;
-- 0 files
BEGIN;
LOCK landing.load_lock;
SELECT load_id, table_name, dt, hr, manifest_digest, manifest_key, files, bytes, rows, rows_before, copy_query_id, status, loaded_at, errors FROM landing.loads
WHERE table_name = 'postbacks' AND dt = '2026-11-19' AND hr = 4 ORDER BY loaded_at DESC LIMIT 1;
SELECT COUNT(*) FROM landing.postbacks WHERE dt = '2026-11-19' AND hr = 4;
SELECT GETDATE();
DELETE FROM landing.postbacks WHERE dt = '2026-11-19' AND hr = 4;
INSERT INTO landing.loads (load_id, table_name, dt, hr, manifest_digest, manifest_key, files, bytes, rows, rows_before, copy_query_id, status, loaded_at, errors)
VALUES ('<load_id>', 'postbacks', '2026-11-19', 4, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', '', 0, 0, 0, <rows_before>, 0, 'empty', '<loaded_at>', 0);
COMMIT;
