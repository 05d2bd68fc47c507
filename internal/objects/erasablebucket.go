package objects

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// ErrLocked says that a bucket locks its objects, so that they could not be
// erased.
var ErrLocked = errors.New("objects: the bucket has Object Lock, so that nothing in it could be erased; name one without it")

const (
	// digestField is what an object says of itself, to tell a repeated Put from
	// another object.
	digestField = "sha256"
	// rounds is how often versions are deleted that come again.
	rounds = 20
)

// An ErasableBucket is an Erasable in a bucket, which may keep versions but must
// have no Object Lock. Deletions of versions are not replicated by S3: a bucket
// that is copied elsewhere keeps sealed objects there, whose keys are gone.
type ErasableBucket struct{ *bucket }

var _ Erasable = (*ErasableBucket)(nil)

// NewErasableBucket returns the store in a bucket. It connects to nothing yet;
// Check does.
func NewErasableBucket(o BucketOptions) (*ErasableBucket, error) {
	b, err := newBucket(o)
	if err != nil {
		return nil, err
	}
	return &ErasableBucket{b}, nil
}

// Check asks the bucket whether what it is given could be erased: ErrLocked when
// not. Until it said yes, Put asks each time.
func (b *ErasableBucket) Check(ctx context.Context) error {
	locked, err := b.locked(ctx)
	if err != nil {
		return err
	}
	if locked {
		return ErrLocked
	}
	b.checked.Store(true)
	return nil
}

// Put implements Erasable.
func (b *ErasableBucket) Put(ctx context.Context, name string, content io.ReadSeeker) error {
	if err := errors.Join(checkName(name), ctx.Err()); err != nil {
		return err
	}
	digest, size, err := digestOf(content)
	if err != nil {
		return err
	}
	if !b.checked.Load() {
		if err := b.Check(ctx); err != nil {
			return err
		}
	}
	putting, cancel := b.bound(ctx, attempts*size)
	defer cancel()
	_, err = b.client.PutObject(putting, &s3.PutObjectInput{
		Bucket: &b.bucketName, Key: aws.String(b.key(name)), Body: content, ContentLength: &size,
		IfNoneMatch:    aws.String("*"),
		ChecksumSHA256: aws.String(base64.StdEncoding.EncodeToString(digest[:])),
		Metadata:       map[string]string{digestField: hex.EncodeToString(digest[:])},
	})
	err = b.failure("writing an object", err)
	if errors.Is(err, errTaken) {
		return b.same(ctx, name, hex.EncodeToString(digest[:]), size)
	}
	return err
}

// same makes a repeated Put succeed: the answer to the first one may have been
// lost.
func (b *ErasableBucket) same(ctx context.Context, name, digest string, size int64) error {
	ctx, cancel := b.bound(ctx, 0)
	defer cancel()
	answer, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.bucketName, Key: aws.String(b.key(name))})
	if err != nil {
		return b.failure("asking for an object", err)
	}
	if answer.Metadata[digestField] != digest || aws.ToInt64(answer.ContentLength) != size {
		return ErrExists
	}
	return nil
}

// Read implements Erasable.
func (b *ErasableBucket) Read(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := errors.Join(checkName(name), ctx.Err()); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	patience := time.AfterFunc(attempts*b.patience, cancel)
	answer, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.bucketName, Key: aws.String(b.key(name))})
	if err != nil {
		cancel()
		return nil, b.failure("reading an object", err)
	}
	patience.Reset(b.lasting(aws.ToInt64(answer.ContentLength)))
	return &held{sized(answer), func() { patience.Stop(); cancel() }}, nil
}

// held lets go of a request when its body is closed.
type held struct {
	*measured
	release func()
}

// Close implements io.Closer.
func (h *held) Close() error {
	defer h.release()
	return h.measured.Close()
}

// Delete implements Erasable: every version and every marker, until a look
// finds none.
func (b *ErasableBucket) Delete(ctx context.Context, name string) error {
	if err := errors.Join(checkName(name), ctx.Err()); err != nil {
		return err
	}
	for range rounds {
		found, err := b.versions(ctx, name, 1000)
		if err != nil || len(found) == 0 {
			return err
		}
		for _, v := range found {
			if err := b.deleteVersion(ctx, v); err != nil {
				return err
			}
		}
	}
	return ErrNotErased
}

func (b *ErasableBucket) deleteVersion(ctx context.Context, v version) error {
	ctx, cancel := b.bound(ctx, 0)
	defer cancel()
	_, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.bucketName, Key: &v.key, VersionId: &v.id})
	if err = b.failure("erasing an object", err); errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// Exists implements Erasable.
func (b *ErasableBucket) Exists(ctx context.Context, name string) (bool, error) {
	if err := errors.Join(checkName(name), ctx.Err()); err != nil {
		return false, err
	}
	found, err := b.versions(ctx, name, 1)
	return len(found) > 0, err
}
