package objects_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/internal/objects/objectstest"
)

func readAll(body io.ReadCloser) ([]byte, error) {
	defer body.Close()
	return io.ReadAll(body)
}

const day = 24 * time.Hour

func TestBucketsAreNamedByURL(t *testing.T) {
	t.Parallel()
	o := objects.BucketOptions{LoginFile: "login", Transport: &http.Transport{DialContext: (&net.Dialer{}).DialContext}}
	for url, valid := range map[string]bool{
		"s3://bucket?region=eu-central-1":                                     true,
		"s3://bucket/a/b?region=eu-central-1":                                 true,
		"s3://bucket/a/b/?region=eu-central-1":                                true,
		"s3://bucket?region=eu-central-1&endpoint=https://s3.example.eu:9000": true,
		"s3://bucket?region=eu-central-1&endpoint=http://127.0.0.1:9000":      true,
		"s3://bucket?region=eu-central-1&endpoint=http://localhost":           true,
		"":                                      false,
		"/a/folder":                             false,
		"https://bucket?region=eu-central-1":    false,
		"s3://bucket":                           false,
		"s3://?region=eu-central-1":             false,
		"s3://BUCKET?region=eu-central-1":       false,
		"s3://bucket--x-s3?region=eu-central-1": false,
		"s3://bucket/../a?region=eu-central-1":  false,
		"s3://bucket?region=eu-central-1.evil.example/":                           false,
		"s3://bucket?region=eu-central-1&region=eu-west-1":                        false,
		"s3://bucket?region=eu-central-1&profile=x":                               false,
		"s3://key:hush@bucket?region=eu-central-1":                                false,
		"s3://bucket?region=eu-central-1&endpoint=http://s3.example.eu":           false,
		"s3://bucket?region=eu-central-1&endpoint=https://key:hush@s3.example.eu": false,
		"s3://bucket?region=eu-central-1&endpoint=https://s3.example.eu/path":     false,
		"s3://bucket?region=eu-central-1&endpoint=ftp://127.0.0.1":                false,
	} {
		o.URL = url
		_, err := objects.NewErasableBucket(o)
		if valid {
			require.NoError(t, err, url)
			continue
		}
		require.ErrorIs(t, err, objects.ErrPlace, url)
		require.NotContains(t, err.Error(), "hush")
	}
}

func TestBucketsNeedTheirParts(t *testing.T) {
	t.Parallel()
	whole := objects.BucketOptions{
		URL: "s3://bucket?region=eu-central-1", LoginFile: "login", Transport: &http.Transport{DialContext: (&net.Dialer{}).DialContext},
	}
	for _, retention := range []time.Duration{0, day - 1, objects.MostRetention + 1} {
		_, err := objects.NewLockedBucket(whole, retention)
		require.Error(t, err, retention)
	}
	_, err := objects.NewLockedBucket(whole, day)
	require.NoError(t, err)
	for name, without := range map[string]func(*objects.BucketOptions){
		"transport": func(o *objects.BucketOptions) { o.Transport = nil },
		"login":     func(o *objects.BucketOptions) { o.LoginFile = "" },
		"authority": func(o *objects.BucketOptions) { o.URL += "&ca=" + filepath.Join(t.TempDir(), "none.pem") },
	} {
		o := whole
		without(&o)
		_, err := objects.NewLockedBucket(o, day)
		require.Error(t, err, name)
	}
}

// onFake is a locked bucket on a fake server, with a login file that the test
// writes.
func onFake(t *testing.T) (*objectstest.Fake, objects.BucketOptions) {
	t.Helper()
	fake := objectstest.NewFake(t)
	fake.MakeBucket(t, "heads", objectstest.Locked)
	return fake, objects.BucketOptions{
		URL: objectstest.URL("heads", fake.Endpoint()), LoginFile: filepath.Join(t.TempDir(), "login.env"),
		Transport: &http.Transport{DialContext: (&net.Dialer{}).DialContext},
	}
}

func TestLoginComesFromItsFileAlone(t *testing.T) {
	fake, o := onFake(t)
	t.Setenv("AWS_ACCESS_KEY_ID", fake.Login().AccessKeyID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", fake.Login().SecretAccessKey)
	b, err := objects.NewLockedBucket(o, day)
	require.NoError(t, err)
	err = b.Check(t.Context())
	require.ErrorIs(t, err, objects.ErrLogin)
	require.ErrorIs(t, err, os.ErrNotExist)
	for _, text := range []string{"", "AWS_ACCESS_KEY_ID=fake\n", "AWS_SECRET_ACCESS_KEY=hush\n", "hush", strings.Repeat("hush", 64<<10)} {
		require.NoError(t, os.WriteFile(o.LoginFile, []byte(text), 0o600))
		err := b.Check(t.Context())
		require.ErrorIs(t, err, objects.ErrLogin)
		require.NotContains(t, fmt.Sprintf("%+v", err), "hush")
	}
	// What Vault's agent writes at last counts without a restart.
	objectstest.WriteLogin(t, o.LoginFile, fake.Login())
	require.NoError(t, b.Check(t.Context()))
	require.NotContains(t, fmt.Sprintf("%+v %#v", b, o), fake.Login().SecretAccessKey)
}

// TestARefusedLoginIsReadAgain: a key that was rotated away is not kept for the
// rest of its minute.
func TestARefusedLoginIsReadAgain(t *testing.T) {
	t.Parallel()
	fake, o := onFake(t)
	objectstest.WriteLogin(t, o.LoginFile, aws.Credentials{AccessKeyID: "fake", SecretAccessKey: "of yesterday"})
	b, err := objects.NewLockedBucket(o, day)
	require.NoError(t, err)
	require.ErrorIs(t, b.Check(t.Context()), objects.ErrDenied)
	objectstest.WriteLogin(t, o.LoginFile, fake.Login())
	require.NoError(t, b.Check(t.Context()))
}
