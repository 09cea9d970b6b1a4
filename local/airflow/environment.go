package airflow

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Login is the one user of this Airflow.
type Login struct {
	User     string
	Password string
}

const user = "admin"

func logFolder(home string) string { return filepath.Join(home, "logs") }

func passwordFile(home string) string { return filepath.Join(home, "passwords.json") }

// environment is what the components get: the caller's, without Airflow settings of the machine's user, and ours.
func environment(o Options, port int) ([]string, error) {
	sync, async, err := databaseURLs(o.Database)
	if err != nil {
		return nil, err
	}
	var env []string
	for _, pair := range o.Environment {
		if !strings.HasPrefix(pair, "AIRFLOW") && !strings.HasPrefix(pair, "PYTHON") {
			env = append(env, pair)
		}
	}
	for name, value := range settings(o, port) {
		env = append(env, "AIRFLOW__"+name+"="+value)
	}
	return append(env,
		"AIRFLOW_HOME="+o.Home,
		"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN="+sync,
		"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC="+async,
		"PYTHONPATH="+o.Dags,
		"PYTHONUNBUFFERED=1",
		// Tasks talk to the API server of this machine; no proxy may come between.
		"NO_PROXY="+host+",localhost",
	), nil
}

func settings(o Options, port int) map[string]string {
	return map[string]string{
		"CORE__DAGS_FOLDER":                        o.Dags,
		"CORE__LOAD_EXAMPLES":                      "False",
		"CORE__EXECUTOR":                           "LocalExecutor",
		"CORE__PARALLELISM":                        "2",
		"CORE__EXECUTION_API_SERVER_URL":           baseURL(port) + "/execution/",
		"CORE__SIMPLE_AUTH_MANAGER_USERS":          user + ":admin",
		"CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": passwordFile(o.Home),
		"API__HOST":                                host,
		"API__PORT":                                strconv.Itoa(port),
		"API__BASE_URL":                            baseURL(port),
		"API__SECRET_KEY":                          rand.Text(),
		"API_AUTH__JWT_SECRET":                     rand.Text() + rand.Text() + rand.Text(), // 64 bytes at least, for HS512
		"LOGGING__BASE_LOG_FOLDER":                 logFolder(o.Home),
		"USAGE_DATA_COLLECTION__ENABLED":           "False",
		"SCHEDULER__USE_JOB_SCHEDULE":              pythonBool(o.Schedule),
		"SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME":     "0.1",
		// A task's end is sometimes noticed only at the next heartbeat.
		"WORKERS__MIN_HEARTBEAT_INTERVAL":              "1",
		"DAG_PROCESSOR__PARSING_PROCESSES":             "1",
		"DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL":     "60",
		"DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL": "30",
	}
}

// databaseURLs gives the URL in SQLAlchemy's form, for each of the two drivers that Airflow uses. asyncpg knows no sslmode, and both
// do without one.
func databaseURLs(database string) (sync, async string, err error) {
	u, err := url.Parse(database)
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") == "" {
		return "", "", errors.New("the database of Airflow is to be given as postgres://user:password@host:port/name")
	}
	u.RawQuery = ""
	u.Scheme = "postgresql+psycopg2"
	sync = u.String()
	u.Scheme = "postgresql+asyncpg"
	return sync, u.String(), nil
}

// keepLogin reads the login of this home, or makes one that only this machine's user can read.
func keepLogin(home string) (Login, error) {
	file := passwordFile(home)
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		data, err = json.Marshal(map[string]string{user: rand.Text()[:16]})
		if err == nil {
			err = os.WriteFile(file, data, 0o600)
		}
	}
	if err != nil {
		return Login{}, fmt.Errorf("keep Airflow's login: %w", err)
	}
	var passwords map[string]string
	if err := json.Unmarshal(data, &passwords); err != nil || passwords[user] == "" {
		return Login{}, fmt.Errorf("%s holds no password of %s: delete the file, and a new one is made", file, user)
	}
	return Login{User: user, Password: passwords[user]}, nil
}

func pythonBool(b bool) string {
	if b {
		return "True"
	}
	return "False"
}
