package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/internal/config"
	"github.com/voicehive/voicehive/internal/objects"
)

// checkTime bounds the question to the store of copies whether it locks them.
const checkTime = 30 * time.Second

// auditStore is where copies of the audit log's heads go. A bucket that locks
// nothing is refused at once. One that does not answer is not: events wait in
// the outbox, and it is asked again before the first copy.
func (p *parts) auditStore() (objects.Store, error) {
	a := p.config.Audit
	if !a.Store.Bucket() {
		if p.config.Environment == config.Production && !a.Folder {
			return nil, errors.New("VOICEHIVE_AUDIT_STORE is no bucket; in production copies of the audit log's heads go to a bucket with Object Lock, or to a folder that belongs to another machine or account, which VOICEHIVE_AUDIT_FOLDER=true confirms")
		}
		return objects.OpenDirectory(a.Store.Place)
	}
	if p.config.Recordings.LoginFile == a.Store.LoginFile {
		return nil, errors.New("VOICEHIVE_AUDIT_STORE_LOGIN_FILE: recordings have the same login; what may delete there must not be able to do anything here")
	}
	store, err := objects.NewLockedBucket(p.bucket(a.Store), a.Retention)
	if err != nil {
		return nil, fmt.Errorf("VOICEHIVE_AUDIT_STORE: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), checkTime)
	defer cancel()
	err = store.Check(ctx)
	if errors.Is(err, objects.ErrUnreachable) {
		p.log.Warn("The store of the audit log's copies does not answer; heads are signed once it does.", "error", err)
		return store, nil
	}
	if err != nil {
		return nil, fmt.Errorf("VOICEHIVE_AUDIT_STORE: %w", err)
	}
	return store, nil
}

// openRecordings opens where sealed recordings lie. A bucket is asked before
// the first is written whether it could be erased from.
func (p *parts) openRecordings() (objects.Erasable, error) {
	r := p.config.Recordings
	switch {
	case r.Place == "":
		return nil, nil
	case !r.Bucket() && p.config.Environment == config.Production:
		return nil, errors.New("VOICEHIVE_RECORDINGS is no bucket; a folder, whose disk and backups keep what was deleted, is for development")
	case !r.Bucket():
		return objects.NewErasableDirectory(r.Place), nil
	}
	store, err := objects.NewErasableBucket(p.bucket(r))
	if err != nil {
		return nil, fmt.Errorf("VOICEHIVE_RECORDINGS: %w", err)
	}
	return store, nil
}

func (p *parts) bucket(o config.Objects) objects.BucketOptions {
	return objects.BucketOptions{URL: o.Place, LoginFile: o.LoginFile, Transport: p.guard.For(region.Objects).Transport()}
}
