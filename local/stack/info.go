package stack

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

const (
	region  = "us-east-1"
	account = "000000000000"
	// copyRole is the role that COPY would take in Redshift; the stand-in checks its form only.
	copyRole = "arn:aws:iam::" + account + ":role/backstop-copy"
	// tuneSecret is the default of TuneSecretName in deploy/template.yaml.
	tuneSecret  = "backstop/tune"
	tuneNetwork = "demo"
)

// Endpoints are where the parts answer: base URLs, and a URL that psql accepts for the warehouse.
type Endpoints struct {
	Front, Tune, S3, SQS, Firehose, Secrets string
	Warehouse                               string
	Bucket                                  string
}

// Info is `.local/stack.json`: what a person or a program needs to use a stack that is up.
type Info struct {
	Front            string            `json:"front"`
	Tokens           map[string]string `json:"tokens"` // source → token
	WarehouseDSN     string            `json:"warehouse_dsn"`
	S3Endpoint       string            `json:"s3_endpoint"`
	Archive          string            `json:"archive"`
	SQSEndpoint      string            `json:"sqs_endpoint"`
	FirehoseEndpoint string            `json:"firehose_endpoint"`
	SecretsEndpoint  string            `json:"secrets_endpoint"`
	Tune             string            `json:"tune"`
	TuneNetworkToken string            `json:"tune_network_token"`
	Airflow          Login             `json:"airflow"`
	Region           string            `json:"region"`
	TimeZone         string            `json:"time_zone"`
	Environment      map[string]string `json:"environment"` // of backstop, dbt and the DAGs
	PID              int               `json:"pid"`
}

// Login is where a page is and how to enter it.
type Login struct {
	URL      string `json:"url"`
	User     string `json:"user"`
	Password string `json:"password"`
}

// Info describes the stack.
func (s *Stack) Info(airflow Login) Info {
	e := s.Endpoints
	return Info{
		Front: e.Front, Tokens: s.Secrets.Tokens, WarehouseDSN: e.Warehouse, S3Endpoint: e.S3, Archive: "s3://" + e.Bucket,
		SQSEndpoint: e.SQS, FirehoseEndpoint: e.Firehose, SecretsEndpoint: e.Secrets, Tune: e.Tune, TuneNetworkToken: s.Secrets.TuneNetworkToken,
		Airflow: airflow, Region: region, TimeZone: s.options.Zone.String(), Environment: s.Environment(), PID: os.Getpid(),
	}
}

// Write puts the info into file at once, readable by its owner only.
func (i Info) Write(file string) error {
	text, err := json.MarshalIndent(i, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the stack's description: %w", err)
	}
	half := file + ".part"
	if err := os.WriteFile(half, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the stack's description: %w", err)
	}
	return os.Rename(half, file)
}

// ReadInfo reads what Write wrote.
func ReadInfo(file string) (Info, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return Info{}, err
	}
	var info Info
	if err := json.Unmarshal(text, &info); err != nil {
		return Info{}, fmt.Errorf("%s is damaged: %w", file, err)
	}
	return info, nil
}

// Environment is what `backstop`, dbt and the DAGs need to work on this stack, besides the caller's own environment.
func (s *Stack) Environment() map[string]string {
	root := s.options.Root
	environment := map[string]string{
		"BACKSTOP_WAREHOUSE_DSN": s.Endpoints.Warehouse,
		"BACKSTOP_ARCHIVE":       "s3://" + s.Endpoints.Bucket,
		"BACKSTOP_COPY_ROLE":     copyRole,
		"BACKSTOP_TIME_ZONE":     s.options.Zone.String(),
		"BACKSTOP_TUNE_API":      s.Endpoints.Tune,
		"BACKSTOP_TUNE_SECRET":   tuneSecret,
		"BACKSTOP_BIN":           filepath.Join(root, ".local", "bin", "backstop"),
		"BACKSTOP_DBT_BIN":       filepath.Join(root, "dbt", ".venv", "bin", "dbt"),
		"BACKSTOP_DBT_PROJECT":   filepath.Join(root, "dbt"),
		"BACKSTOP_RUN_DIR":       s.kept("runs"),
	}
	for name, value := range s.awsEnvironment() {
		environment[name] = value
	}
	for name, value := range s.dbtEnvironment() {
		environment[name] = value
	}
	return environment
}

func (s *Stack) awsEnvironment() map[string]string {
	return map[string]string{
		"AWS_REGION":                       region,
		"AWS_ACCESS_KEY_ID":                "local",
		"AWS_SECRET_ACCESS_KEY":            "local",
		"AWS_ENDPOINT_URL_SQS":             s.Endpoints.SQS,
		"AWS_ENDPOINT_URL_FIREHOSE":        s.Endpoints.Firehose,
		"AWS_ENDPOINT_URL_S3":              s.Endpoints.S3,
		"AWS_ENDPOINT_URL_SECRETS_MANAGER": s.Endpoints.Secrets,
		"AWS_EC2_METADATA_DISABLED":        "true",
	}
}
