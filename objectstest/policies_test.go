package objectstest

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/internal/objects/objectstest"
)

// under lets the gateway's user do what a policy of deploy/objects says, and
// names the bucket with the user's login.
func under(t *testing.T, g *gateway, bucket, file string) objects.BucketOptions {
	text, err := os.ReadFile("../deploy/objects/" + file)
	require.NoError(t, err)
	policy := strings.NewReplacer("PRINCIPAL", user, "BUCKET", bucket).Replace(string(text))
	_, err = objectstest.Client(g).PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: &policy})
	require.NoError(t, err)
	o := options(t, g, bucket)
	objectstest.WriteLogin(t, o.LoginFile, userLogin)
	return o
}

// TestPolicies tries those of deploy/objects: they are enough, and not for more.
func TestPolicies(t *testing.T) {
	g := startGateway(t)
	g.MakeBucket(t, "heads", objectstest.Locked)
	g.MakeBucket(t, "recordings", objectstest.Versioned)
	o := under(t, g, "heads", "heads.policy.json")
	heads, err := objects.NewLockedBucket(o, 24*time.Hour)
	require.NoError(t, err)
	require.NoError(t, heads.Check(t.Context()))
	require.NoError(t, heads.Put(t.Context(), "f/a", []byte("one")))
	require.NoError(t, heads.Put(t.Context(), "f/a", []byte("one")))
	content, err := heads.Read(t.Context(), "f/a")
	require.NoError(t, err)
	require.Equal(t, "one", string(content))
	names, err := heads.List(t.Context(), "f", "")
	require.NoError(t, err)
	require.Equal(t, []string{"f/a"}, names)
	_, err = objectstest.Client(asUser{g}).DeleteObject(t.Context(), &s3.DeleteObjectInput{
		Bucket: aws.String("heads"), Key: aws.String("voicehive/one/f/a"),
	})
	require.ErrorContains(t, err, "AccessDenied", "not even a marker over it")

	recordings, err := objects.NewErasableBucket(under(t, g, "recordings", "recordings.policy.json"))
	require.NoError(t, err)
	require.NoError(t, recordings.Put(t.Context(), "r/1", strings.NewReader("sealed")))
	require.NoError(t, recordings.Delete(t.Context(), "r/1"))
	there, err := recordings.Exists(t.Context(), "r/1")
	require.NoError(t, err)
	require.False(t, there)

	// Each login is for its own bucket.
	o = options(t, g, "others")
	g.MakeBucket(t, "others", objectstest.Versioned)
	objectstest.WriteLogin(t, o.LoginFile, userLogin)
	others, err := objects.NewErasableBucket(o)
	require.NoError(t, err)
	require.ErrorIs(t, others.Check(t.Context()), objects.ErrDenied)
	require.ErrorIs(t, others.Delete(t.Context(), "r/1"), objects.ErrDenied)
}

// asUser is the gateway with the login of its user.
type asUser struct{ *gateway }

func (asUser) Login() aws.Credentials { return userLogin }
