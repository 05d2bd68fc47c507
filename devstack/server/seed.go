package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/common"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/headers"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/persistence"
	persistenceclient "go.temporal.io/server/common/persistence/client"
	"go.temporal.io/server/common/persistence/serialization"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/common/resolver"
	"go.temporal.io/server/common/searchattribute/sadefs"
	"go.temporal.io/server/common/telemetry"
	"google.golang.org/protobuf/types/known/durationpb"
)

const seedTimeout = 30 * time.Second

// seed writes namespaces and search attributes to the store before the server
// runs. Through the API they would come after the first moment a client can
// connect, and the test that connects then would meet "namespace not found".
func seed(ctx context.Context, cfg *config.Config, o Options, logger log.Logger) error {
	ctx, cancel := context.WithTimeout(headers.SetCallerInfo(ctx, headers.SystemBackgroundHighCallerInfo), seedTimeout)
	defer cancel()
	factory := newPersistenceFactory(cfg, logger)
	defer factory.Close()
	namespaces, err := factory.NewMetadataManager()
	if err != nil {
		return fmt.Errorf("open the store for namespaces: %w", err)
	}
	defer namespaces.Close()

	for _, name := range slices.Compact(slices.Sorted(slices.Values(o.Namespaces))) {
		if err := seedNamespace(ctx, namespaces, name, o); err != nil {
			return fmt.Errorf("namespace %q: %w", name, err)
		}
	}
	return nil
}

func newPersistenceFactory(cfg *config.Config, logger log.Logger) persistenceclient.Factory {
	serializer := serialization.NewSerializer()
	stores := persistenceclient.DataStoreFactoryProvider(
		clusterName,
		resolver.NewNoopResolver(),
		&cfg.Persistence,
		nil, // no custom data store
		logger,
		metrics.NoopMetricsHandler,
		telemetry.NoopTracerProvider,
		serializer,
	)
	return persistenceclient.FactoryProvider(persistenceclient.NewFactoryParams{
		DataStoreFactory: stores,
		Cfg:              &cfg.Persistence,
		ClusterName:      clusterName,
		MetricsHandler:   metrics.NoopMetricsHandler,
		Logger:           logger,
		Serializer:       serializer,
	})
}

func seedNamespace(ctx context.Context, namespaces persistence.MetadataManager, name string, o Options) error {
	found, err := namespaces.GetNamespace(ctx, &persistence.GetNamespaceRequest{Name: name})
	var missing *serviceerror.NamespaceNotFound
	switch {
	case errors.As(err, &missing):
		return createNamespace(ctx, namespaces, name, o)
	case err != nil:
		return err
	}

	aliases, err := assignAliases(found.Namespace.Config.CustomSearchAttributeAliases, o.SearchAttributes)
	if err != nil {
		return err
	}
	if maps.Equal(aliases, found.Namespace.Config.CustomSearchAttributeAliases) {
		return nil
	}
	found.Namespace.Config.CustomSearchAttributeAliases = aliases
	metadata, err := namespaces.GetMetadata(ctx)
	if err != nil {
		return err
	}
	return namespaces.UpdateNamespace(ctx, &persistence.UpdateNamespaceRequest{
		Namespace:           found.Namespace,
		IsGlobalNamespace:   found.IsGlobalNamespace,
		NotificationVersion: metadata.NotificationVersion,
	})
}

func createNamespace(ctx context.Context, namespaces persistence.MetadataManager, name string, o Options) error {
	aliases, err := assignAliases(nil, o.SearchAttributes)
	if err != nil {
		return err
	}
	_, err = namespaces.CreateNamespace(ctx, &persistence.CreateNamespaceRequest{
		Namespace: &persistencespb.NamespaceDetail{
			Info: &persistencespb.NamespaceInfo{
				Id:    primitives.NewUUID().String(),
				Name:  name,
				State: enumspb.NAMESPACE_STATE_REGISTERED,
			},
			Config: &persistencespb.NamespaceConfig{
				Retention:                    durationpb.New(o.Retention),
				HistoryArchivalState:         enumspb.ARCHIVAL_STATE_DISABLED,
				VisibilityArchivalState:      enumspb.ARCHIVAL_STATE_DISABLED,
				CustomSearchAttributeAliases: aliases,
			},
			ReplicationConfig: &persistencespb.NamespaceReplicationConfig{
				ActiveClusterName: clusterName,
				Clusters:          []string{clusterName},
			},
			FailoverVersion:             common.EmptyVersion,
			FailoverNotificationVersion: -1,
		},
	})
	return err
}

// assignAliases gives each wanted search attribute a column of its type. SQL
// visibility stores have a fixed set of columns, such as Keyword01, and a
// namespace maps them to names. Attributes that are there already stay.
func assignAliases(current map[string]string, wanted map[string]enumspb.IndexedValueType) (map[string]string, error) {
	columns := sadefs.GetDBIndexSearchAttributes(nil).CustomSearchAttributes
	aliases := maps.Clone(current)
	if aliases == nil {
		aliases = map[string]string{}
	}
	byName := make(map[string]string, len(aliases))
	for column, name := range aliases {
		byName[name] = column
	}
	ordered := slices.Sorted(maps.Keys(columns))
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		kind := wanted[name]
		if column, ok := byName[name]; ok {
			if columns[column] != kind {
				return nil, fmt.Errorf("search attribute %q exists with type %s, not %s: use another name or a new store", name, columns[column], kind)
			}
			continue
		}
		free := slices.IndexFunc(ordered, func(column string) bool {
			_, used := aliases[column]
			return columns[column] == kind && !used
		})
		if free < 0 {
			return nil, fmt.Errorf("search attribute %q: all columns of type %s are taken: use fewer, or another type", name, kind)
		}
		aliases[ordered[free]] = name
	}
	return aliases, nil
}
