package objectstest

import (
	"testing"

	"github.com/voicehive/voicehive/internal/objects/objectstest"
)

func TestBucketsOnARealServer(t *testing.T) {
	objectstest.Buckets(t, startGateway(t))
}
