package secrets_test

import (
	"errors"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"

	"backstop/local/clock"
	"backstop/local/secrets"
)

func serve(t *testing.T, values map[string]string) (*secrets.Server, *sdk.Client) {
	server := secrets.New(clock.Real(), values)
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	return server, sdk.New(sdk.Options{Region: "us-east-1", BaseEndpoint: &web.URL,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
}

func TestSecretIsReadByNameAndByARN(t *testing.T) {
	server, client := serve(t, map[string]string{"backstop/tune": "old"})
	server.Set("backstop/tune", "new")
	for _, id := range []string{"backstop/tune", secrets.ARN("backstop/tune")} {
		out, err := client.GetSecretValue(t.Context(), &sdk.GetSecretValueInput{SecretId: &id})
		if err != nil {
			t.Fatal(err)
		}
		if *out.SecretString != "new" || *out.Name != "backstop/tune" || out.CreatedDate == nil {
			t.Errorf("%s gave %q under %q", id, *out.SecretString, *out.Name)
		}
	}
}

func TestWhatIsNotThereIsRefused(t *testing.T) {
	_, client := serve(t, nil)
	_, err := client.GetSecretValue(t.Context(), &sdk.GetSecretValueInput{SecretId: aws.String("none")})
	var missing *types.ResourceNotFoundException
	if !errors.As(err, &missing) {
		t.Errorf("an unknown secret: %v, want ResourceNotFoundException", err)
	}
	_, err = client.ListSecrets(t.Context(), &sdk.ListSecretsInput{})
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "UnknownOperationException" {
		t.Errorf("ListSecrets: %v, want UnknownOperationException", err)
	}
}
