package server

import (
	"errors"
	"maps"
	"time"

	"go.temporal.io/server/common/dynamicconfig"
)

// pollRPS lifts the rate at which a shard's queues are read. The server's 20 a
// second makes every update on a warm workflow wait up to 50 ms.
const pollRPS = 1000

// ackInterval is how often a shard's queues note how far they are. A run is
// deleted once its close is known to be done, which the server's 30 seconds make
// a wait of half a minute, and of minutes when several are deleted at once.
const ackInterval = 500 * time.Millisecond

// newSettings is the dynamic configuration: what a single development node
// needs, under whatever the caller overrides.
func newSettings(overrides map[string]any) (dynamicconfig.Client, error) {
	settings := dynamicconfig.StaticClient{
		dynamicconfig.TransferProcessorMaxPollRPS.Key():   pollRPS,
		dynamicconfig.TimerProcessorMaxPollRPS.Key():      pollRPS,
		dynamicconfig.VisibilityProcessorMaxPollRPS.Key(): pollRPS,
		dynamicconfig.OutboundProcessorMaxPollRPS.Key():   pollRPS,

		dynamicconfig.TransferProcessorUpdateAckInterval.Key():   ackInterval,
		dynamicconfig.VisibilityProcessorUpdateAckInterval.Key(): ackInterval,

		// One partition: a task and its poller always meet.
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
		dynamicconfig.MatchingEnableFairness.Key():              true,

		// A search attribute can be used as soon as it is added.
		dynamicconfig.ForceSearchAttributesCacheRefreshOnRead.Key(): true,

		dynamicconfig.NamespaceMinRetentionLocal.Key(): minRetention,

		// Worker Deployments (on by default, said here because VoiceHive needs
		// them) and the older version-set and rule calls.
		dynamicconfig.EnableDeploymentVersions.Key():                   true,
		dynamicconfig.FrontendEnableWorkerVersioningDataAPIs.Key():     true,
		dynamicconfig.FrontendEnableWorkerVersioningWorkflowAPIs.Key(): true,
		dynamicconfig.FrontendEnableWorkerVersioningRuleAPIs.Key():     true,

		// Nothing calls home.
		dynamicconfig.EnableServerVersionCheck.Key(): false,
	}
	given := make(dynamicconfig.StaticClient, len(overrides))
	for key, value := range overrides {
		if key == "" {
			return nil, errors.New("--dynamic-config-value has no key: write KEY=VALUE")
		}
		given[dynamicconfig.MakeKey(key)] = value
	}
	maps.Copy(settings, given)
	return settings, nil
}
