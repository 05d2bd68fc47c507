package objectstest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/objects"
)

// Region is where servers for tests say that they are.
const Region = "eu-central-1"

// A Kind is what a bucket does with what it is given.
type Kind int

// The kinds of bucket.
const (
	Plain     Kind = iota
	Versioned      // keeps what is replaced or deleted
	Locked         // and lets nobody delete what has a retention
)

// A Server is an S3 server on this machine, with one login that may do all.
type Server interface {
	Endpoint() string // its URL
	Login() aws.Credentials
	MakeBucket(t testing.TB, name string, kind Kind)
}

// bucketOf makes a bucket of its own for a test.
func bucketOf(t testing.TB, s Server, kind Kind) string {
	name := "b" + strings.ToLower(rand.Text())
	s.MakeBucket(t, name, kind)
	return name
}

// transport connects to anywhere; the product's goes through the region guard.
func transport() *http.Transport {
	return &http.Transport{DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext}
}

// LoginFile is a login as an env file.
func LoginFile(t testing.TB, login aws.Credentials) string {
	file := filepath.Join(t.TempDir(), "login.env")
	WriteLogin(t, file, login)
	return file
}

// WriteLogin writes a login into such a file.
func WriteLogin(t testing.TB, file string, login aws.Credentials) {
	text := fmt.Sprintf("# from Vault\nexport AWS_ACCESS_KEY_ID=%q\nAWS_SECRET_ACCESS_KEY=%s\n\n", login.AccessKeyID, login.SecretAccessKey)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
}

// URL is that of a folder in a server's bucket.
func URL(bucket, endpoint string) string {
	return fmt.Sprintf("s3://%s/voicehive/one?region=%s&endpoint=%s", bucket, Region, endpoint)
}

// options name a bucket of a server, at its own endpoint or at one in front.
func options(t testing.TB, s Server, bucket string, front ...string) objects.BucketOptions {
	endpoint := append(front, s.Endpoint())[0]
	return objects.BucketOptions{
		URL: URL(bucket, endpoint), LoginFile: LoginFile(t, s.Login()), Transport: transport(), Patience: 20 * time.Second,
	}
}

const retention = 400 * 24 * time.Hour

func lockedBucket(t testing.TB, o objects.BucketOptions) *objects.LockedBucket {
	b, err := objects.NewLockedBucket(o, retention)
	require.NoError(t, err)
	return b
}

func erasableBucket(t testing.TB, o objects.BucketOptions) *objects.ErasableBucket {
	b, err := objects.NewErasableBucket(o)
	require.NoError(t, err)
	return b
}

// Client is what somebody else with the login can do.
func Client(s Server) *s3.Client {
	return s3.New(s3.Options{
		Region: Region, BaseEndpoint: aws.String(s.Endpoint()), UsePathStyle: true,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return s.Login(), nil }),
		HTTPClient:  &http.Client{Transport: transport()},
	})
}

// keyOf is where URL's folder has a name.
func keyOf(name string) *string { return aws.String("voicehive/one/" + name) }
