package objects

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// ErrNoLock says that the bucket does not keep what it is given.
var ErrNoLock = errors.New("objects: the bucket does not lock its objects; make one with Object Lock, which needs versioning, and let the login see objects' retention")

// MostRetention bounds how long an object is locked: nobody can shorten it.
const MostRetention = 36500 * 24 * time.Hour

// A LockedBucket is a Store in a bucket with Object Lock in compliance mode:
// until its retention ends nobody deletes an object or puts another in its
// place, the account's owner neither.
//
// The oldest version of an object is the object. A lock cannot keep anybody
// with a login from putting a newer version over it or a marker that hides it;
// here neither changes what is read or listed.
type LockedBucket struct {
	*bucket
	retention time.Duration
}

var _ Store = (*LockedBucket)(nil)

// NewLockedBucket returns the store in a bucket. It connects to nothing yet;
// Check does.
func NewLockedBucket(o BucketOptions, retention time.Duration) (*LockedBucket, error) {
	if retention < 24*time.Hour || retention > MostRetention {
		return nil, errors.New("objects: a retention is 1 to 36500 days")
	}
	b, err := newBucket(o)
	if err != nil {
		return nil, err
	}
	return &LockedBucket{b, retention}, nil
}

// Check asks the bucket whether it locks what it is given: ErrNoLock when not.
// Until it said yes, Put asks each time.
func (b *LockedBucket) Check(ctx context.Context) error {
	locked, err := b.locked(ctx)
	if err != nil {
		return err
	}
	if !locked {
		return ErrNoLock
	}
	b.checked.Store(true)
	return nil
}

// Put implements Store.
func (b *LockedBucket) Put(ctx context.Context, name string, content []byte) error {
	if err := errors.Join(checkName(name), ctx.Err()); err != nil {
		return err
	}
	if len(content) > MaxSize {
		return ErrTooLarge
	}
	if !b.checked.Load() {
		if err := b.Check(ctx); err != nil {
			return err
		}
	}
	until := time.Now().Add(b.retention).UTC().Truncate(time.Second)
	id, err := b.put(ctx, name, content, until)
	if err != nil && !errors.Is(err, errTaken) {
		return err
	}
	// What counts is what is there now. An answer may have been lost, a marker
	// may have hidden the name from the condition, and some servers take a
	// condition or a lock and do not keep it.
	first, err := b.first(ctx, name)
	if err != nil {
		return err
	}
	if first.id == id && id != "" {
		return b.keeps(ctx, first, until)
	}
	kept, err := b.read(ctx, first)
	if err == nil && !bytes.Equal(kept, content) {
		return ErrExists
	}
	return err
}

func (b *LockedBucket) put(ctx context.Context, name string, content []byte, until time.Time) (id string, err error) {
	ctx, cancel := b.bound(ctx, int64(len(content)))
	defer cancel()
	sum := sha256.Sum256(content)
	answer, err := b.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.bucketName, Key: aws.String(b.key(name)), Body: bytes.NewReader(content),
		IfNoneMatch:    aws.String("*"),
		ChecksumSHA256: aws.String(base64.StdEncoding.EncodeToString(sum[:])),
		ObjectLockMode: types.ObjectLockModeCompliance, ObjectLockRetainUntilDate: &until,
	})
	if err != nil {
		return "", b.failure("writing an object", err)
	}
	return aws.ToString(answer.VersionId), nil
}

// keeps asks whether a version is locked as it was asked for.
func (b *LockedBucket) keeps(ctx context.Context, v version, until time.Time) error {
	ctx, cancel := b.bound(ctx, 0)
	defer cancel()
	answer, err := b.client.GetObjectRetention(ctx, &s3.GetObjectRetentionInput{Bucket: &b.bucketName, Key: &v.key, VersionId: &v.id})
	if err = b.failure("asking for an object's retention", err); errors.Is(err, errUnlocked) {
		return ErrNoLock
	}
	if err != nil {
		return err
	}
	if r := answer.Retention; r == nil || r.Mode != types.ObjectLockRetentionModeCompliance || aws.ToTime(r.RetainUntilDate).Before(until) {
		return ErrNoLock
	}
	return nil
}

// first is the oldest version of an object. A marker older than that hides and
// holds nothing.
func (b *LockedBucket) first(ctx context.Context, name string) (version, error) {
	all, err := b.versions(ctx, name, mostPages*1000)
	if err != nil {
		return version{}, err
	}
	for _, v := range slices.Backward(all) {
		if !v.marker {
			return v, nil
		}
	}
	return version{}, ErrNotFound
}

func (b *LockedBucket) read(ctx context.Context, v version) ([]byte, error) {
	ctx, cancel := b.bound(ctx, MaxSize)
	defer cancel()
	answer, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.bucketName, Key: &v.key, VersionId: &v.id})
	if err != nil {
		return nil, b.failure("reading an object", err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(io.LimitReader(sized(answer), MaxSize+1))
	if err == nil && len(content) > MaxSize {
		err = ErrTooLarge
	}
	return content, err
}

// sized reads as many bytes as the answer says that there are.
func sized(answer *s3.GetObjectOutput) *measured {
	return &measured{
		body: answer.Body, left: aws.ToInt64(answer.ContentLength),
		judge: func(err error) error {
			return fmt.Errorf("objects: reading an object: %w: %w", ErrUnreachable, bare(err))
		},
	}
}

// Read implements Store.
func (b *LockedBucket) Read(ctx context.Context, name string) ([]byte, error) {
	if err := errors.Join(checkName(name), ctx.Err()); err != nil {
		return nil, err
	}
	first, err := b.first(ctx, name)
	if err != nil {
		return nil, err
	}
	return b.read(ctx, first)
}

// List implements Store. A name whose object is hidden by a marker is listed.
func (b *LockedBucket) List(ctx context.Context, folder, after string) ([]string, error) {
	if err := errors.Join(checkName(folder), ctx.Err()); err != nil {
		return nil, err
	}
	prefix := b.key(folder) + "/"
	start := ""
	if after = b.key(after); strings.HasPrefix(after, prefix) {
		start = after
	} else if after > prefix {
		return nil, nil // all names of the folder come before it
	}
	var names []string
	last := start
	err := b.pages(ctx, prefix, start, func(v version) bool {
		if !v.marker && v.key != last {
			names, last = append(names, b.name(v.key)), v.key
		}
		return len(names) < MaxList
	})
	return names, err
}
