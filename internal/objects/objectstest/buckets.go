package objectstest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/objects"
)

// Buckets runs all that buckets must do on a server.
func Buckets(t *testing.T, s Server) {
	t.Run("locked", func(t *testing.T) {
		t.Parallel()
		Store(t, func(t testing.TB) objects.Store { return lockedBucket(t, options(t, s, bucketOf(t, s, Locked))) })
	})
	for name, kind := range map[string]Kind{"plain": Plain, "versioned": Versioned} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Erasable(t, func(t testing.TB) objects.Erasable { return erasableBucket(t, options(t, s, bucketOf(t, s, kind))) })
		})
	}
	tests := map[string]func(*testing.T, Server){
		"refuses a bucket without lock":                           refusesNoLock,
		"refuses to record into a lock":                           refusesLock,
		"tells a missing bucket":                                  tellsNoBucket,
		"tells a wrong login":                                     tellsWrongLogin,
		"locks what it writes":                                    locksObjects,
		"counts the oldest version":                               countsOldest,
		"erases hidden versions":                                  erasesHidden,
		"does not erase what another program locked":              tellsLocked,
		"erases a thousand versions and more":                     erasesMany,
		"keeps folders of one bucket apart":                       keepsApart,
		"keeps an object that is hidden when it is written again": countsHiddenPut,
		"counts an object behind an older marker":                 countsBehindMarker,
	}
	for name, test := range troubles {
		tests[name] = test
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, s)
		})
	}
}

func refusesNoLock(t *testing.T, s Server) {
	for _, kind := range []Kind{Plain, Versioned} {
		bucket := bucketOf(t, s, kind)
		b := lockedBucket(t, options(t, s, bucket))
		require.ErrorIs(t, b.Check(t.Context()), objects.ErrNoLock)
		require.ErrorIs(t, b.Put(t.Context(), "a", nil), objects.ErrNoLock)
		require.Empty(t, versionsIn(t, s, bucket), "nothing was written")
	}
	require.NoError(t, lockedBucket(t, options(t, s, bucketOf(t, s, Locked))).Check(t.Context()))
}

func refusesLock(t *testing.T, s Server) {
	bucket := bucketOf(t, s, Locked)
	b := erasableBucket(t, options(t, s, bucket))
	require.ErrorIs(t, b.Check(t.Context()), objects.ErrLocked)
	require.ErrorIs(t, b.Put(t.Context(), "a", strings.NewReader("x")), objects.ErrLocked)
	require.Empty(t, versionsIn(t, s, bucket), "nothing was written")
	require.NoError(t, erasableBucket(t, options(t, s, bucketOf(t, s, Versioned))).Check(t.Context()))
}

func tellsNoBucket(t *testing.T, s Server) {
	locked, erasable := lockedBucket(t, options(t, s, "nobody-made-this")), erasableBucket(t, options(t, s, "nobody-made-this"))
	require.ErrorIs(t, locked.Check(t.Context()), objects.ErrNoBucket)
	require.ErrorIs(t, erasable.Check(t.Context()), objects.ErrNoBucket)
	require.ErrorIs(t, erasable.Delete(t.Context(), "a"), objects.ErrNoBucket, "never taken for an erasure")
	_, err := erasable.Exists(t.Context(), "a")
	require.ErrorIs(t, err, objects.ErrNoBucket)
}

func tellsWrongLogin(t *testing.T, s Server) {
	bucket := bucketOf(t, s, Locked)
	right := s.Login()
	for name, wrong := range map[string]aws.Credentials{
		"secret": {AccessKeyID: right.AccessKeyID, SecretAccessKey: "wrong-and-secret"},
		"key":    {AccessKeyID: "nobody", SecretAccessKey: right.SecretAccessKey},
	} {
		o := options(t, s, bucket)
		WriteLogin(t, o.LoginFile, wrong)
		err := lockedBucket(t, o).Check(t.Context())
		require.ErrorIs(t, err, objects.ErrDenied, name)
		require.NotErrorIs(t, err, objects.ErrUnreachable, name)
		require.NotContains(t, fmt.Sprintf("%+v", err), wrong.SecretAccessKey)
		require.ErrorIs(t, erasableBucket(t, o).Delete(t.Context(), "a"), objects.ErrDenied, name)
		_, err = erasableBucket(t, o).Read(t.Context(), "a")
		require.ErrorIs(t, err, objects.ErrDenied, name)
	}
}

func versionsIn(t testing.TB, s Server, bucket string) []types.ObjectVersion {
	answer, err := Client(s).ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: &bucket})
	require.NoError(t, err)
	return answer.Versions
}

// put is a write by somebody else, without a condition.
func put(t testing.TB, s Server, bucket, name, content string) {
	_, err := Client(s).PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: keyOf(name), Body: strings.NewReader(content)})
	require.NoError(t, err)
}

// hide puts a marker over an object.
func hide(t testing.TB, s Server, bucket, name string) {
	_, err := Client(s).DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: keyOf(name)})
	require.NoError(t, err)
}

func locksObjects(t *testing.T, s Server) {
	bucket := bucketOf(t, s, Locked)
	require.NoError(t, lockedBucket(t, options(t, s, bucket)).Put(t.Context(), "a", []byte("one")))
	all := versionsIn(t, s, bucket)
	require.Len(t, all, 1)
	head, err := Client(s).HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &bucket, Key: all[0].Key, VersionId: all[0].VersionId})
	require.NoError(t, err)
	require.Equal(t, types.ObjectLockModeCompliance, head.ObjectLockMode)
	require.WithinDuration(t, time.Now().Add(retention), *head.ObjectLockRetainUntilDate, time.Hour)
	_, err = Client(s).DeleteObject(t.Context(), &s3.DeleteObjectInput{
		Bucket: &bucket, Key: all[0].Key, VersionId: all[0].VersionId, BypassGovernanceRetention: aws.Bool(true),
	})
	require.Error(t, err, "nobody deletes it, the owner neither")
	require.Len(t, versionsIn(t, s, bucket), 1)
}

func countsOldest(t *testing.T, s Server) {
	bucket := bucketOf(t, s, Locked)
	b := lockedBucket(t, options(t, s, bucket))
	for _, name := range []string{"f/1", "f/2", "f/3"} {
		require.NoError(t, b.Put(t.Context(), name, []byte("one")))
	}
	put(t, s, bucket, "f/1", "another")
	hide(t, s, bucket, "f/2")
	hide(t, s, bucket, "f/3")
	put(t, s, bucket, "f/3", "another")
	hide(t, s, bucket, "f/4") // which never was
	names, err := b.List(t.Context(), "f", "")
	require.NoError(t, err)
	require.Equal(t, []string{"f/1", "f/2", "f/3"}, names)
	for _, name := range names {
		content, err := b.Read(t.Context(), name)
		require.NoError(t, err)
		require.Equal(t, "one", string(content), name)
		require.NoError(t, b.Put(t.Context(), name, []byte("one")), name)
		require.ErrorIs(t, b.Put(t.Context(), name, []byte("another")), objects.ErrExists, name)
	}
}

// countsHiddenPut: a marker lets the condition pass, and the object must not
// change all the same.
func countsHiddenPut(t *testing.T, s Server) {
	bucket := bucketOf(t, s, Locked)
	b := lockedBucket(t, options(t, s, bucket))
	require.NoError(t, b.Put(t.Context(), "a", []byte("one")))
	hide(t, s, bucket, "a")
	require.ErrorIs(t, b.Put(t.Context(), "a", []byte("two")), objects.ErrExists)
	content, err := b.Read(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, "one", string(content))
}

// countsBehindMarker: a marker that was there before the object takes nothing
// from it, wherever the server's pages begin.
func countsBehindMarker(t *testing.T, s Server) {
	bucket := bucketOf(t, s, Locked)
	b := lockedBucket(t, options(t, s, bucket))
	hide(t, s, bucket, "a")
	_, err := b.Read(t.Context(), "a")
	require.ErrorIs(t, err, objects.ErrNotFound, "a marker alone is no object")
	require.NoError(t, b.Put(t.Context(), "a", []byte("one")))
	for i := range 999 { // with the object's a page, so that the marker is alone on the next
		put(t, s, bucket, "a", fmt.Sprint("another", i))
	}
	content, err := b.Read(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, "one", string(content))
	require.NoError(t, b.Put(t.Context(), "a", []byte("one")))
	require.ErrorIs(t, b.Put(t.Context(), "a", []byte("another")), objects.ErrExists)
}

func erasesHidden(t *testing.T, s Server) {
	bucket := bucketOf(t, s, Versioned)
	b := erasableBucket(t, options(t, s, bucket))
	require.NoError(t, b.Put(t.Context(), "r/1", strings.NewReader("one")))
	require.NoError(t, b.Put(t.Context(), "r/11", strings.NewReader("stays")))
	put(t, s, bucket, "r/1", "two")
	hide(t, s, bucket, "r/1")
	put(t, s, bucket, "r/1", "three")
	hide(t, s, bucket, "r/1")
	there, err := b.Exists(t.Context(), "r/1")
	require.NoError(t, err)
	require.True(t, there, "a marker hides it, and it is there")
	require.NoError(t, b.Delete(t.Context(), "r/1"))
	absent(t, b, "r/1")
	answer, err := Client(s).ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: &bucket})
	require.NoError(t, err)
	require.Empty(t, answer.DeleteMarkers)
	require.Len(t, answer.Versions, 1)
	require.Equal(t, "stays", readAll(t, b, "r/11"))
}

func tellsLocked(t *testing.T, s Server) {
	bucket := bucketOf(t, s, Locked)
	until := time.Now().Add(48 * time.Hour)
	_, err := Client(s).PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: &bucket, Key: keyOf("a"), Body: strings.NewReader("x"),
		ObjectLockMode: types.ObjectLockModeCompliance, ObjectLockRetainUntilDate: &until,
	})
	require.NoError(t, err)
	b := erasableBucket(t, options(t, s, bucket))
	require.Error(t, b.Delete(t.Context(), "a"))
	there, err := b.Exists(t.Context(), "a")
	require.NoError(t, err)
	require.True(t, there)
}

func erasesMany(t *testing.T, s Server) {
	bucket := bucketOf(t, s, Versioned)
	b := erasableBucket(t, options(t, s, bucket))
	client := Client(s)
	for i := range 1005 {
		_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: keyOf("a"), Body: bytes.NewReader(fmt.Append(nil, i))})
		require.NoError(t, err)
	}
	require.NoError(t, b.Delete(t.Context(), "a"))
	absent(t, b, "a")
	require.Empty(t, versionsIn(t, s, bucket))
}

func keepsApart(t *testing.T, s Server) {
	bucket := bucketOf(t, s, Locked)
	one := options(t, s, bucket)
	two := one
	two.URL = strings.Replace(one.URL, "/voicehive/one?", "?", 1)
	require.NoError(t, lockedBucket(t, one).Put(t.Context(), "f/a", []byte("one")))
	require.NoError(t, lockedBucket(t, two).Put(t.Context(), "f/a", []byte("two")))
	for content, o := range map[string]objects.BucketOptions{"one": one, "two": two} {
		names, err := lockedBucket(t, o).List(t.Context(), "f", "")
		require.NoError(t, err)
		require.Equal(t, []string{"f/a"}, names)
		found, err := lockedBucket(t, o).Read(t.Context(), "f/a")
		require.NoError(t, err)
		require.Equal(t, content, string(found))
	}
	_, err := lockedBucket(t, two).Read(t.Context(), "f/b")
	require.True(t, errors.Is(err, objects.ErrNotFound), err)
}
