// Package integration takes the place of etcd's package of the same path, so that the tests of etcd's Go client run
// against RaftKv: a cluster is RaftKv processes. What RaftKv has no setting for makes a test skip, with the reason.
package integration

import (
	"fmt"
	"math/rand"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"context"

	"go.etcd.io/etcd/clientv3"
	"go.etcd.io/etcd/etcdserver/api/v3election/v3electionpb"
	"go.etcd.io/etcd/etcdserver/api/v3lock/v3lockpb"
	pb "go.etcd.io/etcd/etcdserver/etcdserverpb"
	"go.etcd.io/etcd/pkg/transport"
)

const (
	// RequestWaitTimeout is how long tests wait for a request, or for a lost leader to be noticed.
	RequestWaitTimeout = 4 * time.Second
	// ThroughProxy is for etcd's proxy.
	ThroughProxy = false

	tickDuration   = 50 * time.Millisecond
	requestTimeout = 20 * time.Second
	patience       = 100 * time.Second
)

var (
	electionTicks = 10

	testTLSInfo, testTLSInfoIP, testTLSInfoExpired, testTLSInfoExpiredIP transport.TLSInfo
)

// ClusterConfig has the fields that tests set.
type ClusterConfig struct {
	Size      int
	PeerTLS   *transport.TLSInfo
	ClientTLS *transport.TLSInfo

	DiscoveryURL string
	AuthToken    string
	AuthTokenTTL uint
	UseGRPC      bool

	QuotaBackendBytes      int64
	MaxTxnOps              uint
	MaxRequestBytes        uint
	SnapshotCount          uint64
	SnapshotCatchUpEntries uint64

	GRPCKeepAliveMinTime  time.Duration
	GRPCKeepAliveInterval time.Duration
	GRPCKeepAliveTimeout  time.Duration

	SkipCreatingClient       bool
	ClientMaxCallSendMsgSize int
	ClientMaxCallRecvMsgSize int
	UseIP                    bool

	EnableLeaseCheckpoint       bool
	LeaseCheckpointInterval     time.Duration
	LeaseCheckpointPersist      bool
	WatchProgressNotifyInterval time.Duration
	CorruptCheckTime            time.Duration
}

func (c *ClusterConfig) unsupported() string {
	switch {
	case c.PeerTLS != nil || c.ClientTLS != nil:
		return "RaftKv has no TLS yet"
	case c.AuthToken != "":
		return "RaftKv has no users yet"
	case c.QuotaBackendBytes != 0:
		return "RaftKv has no quota"
	case c.MaxTxnOps != 0 && c.MaxTxnOps != 128, c.MaxRequestBytes != 0 && c.MaxRequestBytes != 1.5*1024*1024:
		return "RaftKv has no setting for the largest request"
	case c.WatchProgressNotifyInterval != 0:
		return "RaftKv has no setting for the interval of progress"
	case c.EnableLeaseCheckpoint:
		return "RaftKv has no lease checkpoints"
	}
	return ""
}

// cluster is the members alone.
type cluster struct {
	Members []*member

	directory string
}

// ClusterV3 is a running cluster with a client for each member.
type ClusterV3 struct {
	*cluster

	mu      sync.Mutex
	clients []*clientv3.Client
}

// NewClusterByConfig prepares members and starts none.
func NewClusterByConfig(t testing.TB, cfg *ClusterConfig) *cluster {
	if reason := cfg.unsupported(); reason != "" && t != nil {
		t.Skip(reason)
	}
	directory, err := os.MkdirTemp("", "raftkv-go-")
	if err != nil {
		panic(err)
	}
	clus := &cluster{directory: directory}
	for i := 0; i < cfg.Size; i++ {
		m, err := newMember("n"+strconv.Itoa(i+1), directory)
		if err != nil {
			panic(err)
		}
		if cfg.SnapshotCount != 0 {
			m.settings = append(m.settings, "--snapshot-entries", strconv.FormatUint(cfg.SnapshotCount, 10))
		}
		if cfg.SnapshotCatchUpEntries != 0 {
			m.settings = append(m.settings, "--trailing-entries", strconv.FormatUint(cfg.SnapshotCatchUpEntries, 10))
		}
		m.sendLimit, m.receiveLimit = cfg.ClientMaxCallSendMsgSize, cfg.ClientMaxCallRecvMsgSize
		clus.Members = append(clus.Members, m)
	}
	return clus
}

// Launch starts all members and waits until each knows a leader.
func (c *cluster) Launch(t testing.TB) {
	for _, m := range c.Members {
		if err := m.launch(c.Members); err != nil {
			panic(err)
		}
	}
	for _, m := range c.Members {
		m.WaitOK(t)
	}
}

// NewClusterV3 starts a cluster and makes the clients.
func NewClusterV3(t testing.TB, cfg *ClusterConfig) *ClusterV3 {
	clus := &ClusterV3{cluster: NewClusterByConfig(t, cfg)}
	clus.Launch(t)
	for i := 0; i < cfg.Size && !cfg.SkipCreatingClient; i++ {
		client, err := NewClientV3(clus.Members[i])
		if err != nil {
			panic(err)
		}
		clus.clients = append(clus.clients, client)
	}
	return clus
}

func (c *ClusterV3) Client(i int) *clientv3.Client { return c.clients[i] }

func (c *ClusterV3) RandClient() *clientv3.Client { return c.clients[rand.Intn(len(c.clients))] }

// TakeClient leaves the client to the test.
func (c *ClusterV3) TakeClient(i int) {
	c.mu.Lock()
	c.clients[i] = nil
	c.mu.Unlock()
}

// Terminate ends everything.
func (c *ClusterV3) Terminate(t testing.TB) {
	for _, client := range c.clients {
		if client == nil {
			continue
		}
		if err := client.Close(); err != nil && t != nil {
			t.Error(err)
		}
	}
	for _, m := range c.Members {
		m.Terminate(t)
	}
	if t == nil || !t.Failed() || os.Getenv("KEEP") == "" {
		os.RemoveAll(c.directory)
	} else {
		t.Log("kept: " + c.directory)
	}
}

// WaitLeader waits until all running members know the same leader, and returns its place.
func (c *cluster) WaitLeader(t testing.TB) int { return c.waitLeader(t, c.Members) }

func (c *cluster) waitLeader(t testing.TB, members []*member) int {
	place := -1
	waitFor(t, "a leader", func() bool {
		place = -1
		var leader uint64
		for i, m := range members {
			if m.process == nil {
				continue
			}
			now := m.s.status()
			if now.leader == 0 || (leader != 0 && leader != now.leader) {
				return false
			}
			leader = now.leader
			if now.id == leader {
				place = i
			}
		}
		return place >= 0
	})
	return place
}

func (c *cluster) waitNoLeader(members []*member) {
	waitFor(nil, "no leader", func() bool {
		for _, m := range members {
			if m.process != nil && m.s.status().leader != 0 {
				return false
			}
		}
		return true
	})
}

// GetLearnerMembers lists learners.
func (c *ClusterV3) GetLearnerMembers() ([]*pb.Member, error) { return nil, nil }

// AddAndLaunchLearnerMember can't be done here.
func (c *ClusterV3) AddAndLaunchLearnerMember(t testing.TB) {
	t.Skip("RaftKv's members are fixed in this version")
}

// AddMember can't be done here.
func (c *ClusterV3) AddMember(t testing.TB) { t.Skip("RaftKv's members are fixed in this version") }

// MustNewMember can't be done here.
func (c *ClusterV3) MustNewMember(t testing.TB, resp *clientv3.MemberAddResponse) *member {
	t.Skip("RaftKv's members are fixed in this version")
	return nil
}

// WaitClientV3 waits until a read works.
func WaitClientV3(t testing.TB, kv clientv3.KV) {
	waitFor(t, "a read", func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
		defer cancel()
		_, err := kv.Get(ctx, "/")
		return err == nil
	})
}

func waitFor(t testing.TB, what string, holds func() bool) {
	for end := time.Now().Add(patience); !holds(); time.Sleep(tickDuration) {
		if time.Now().After(end) {
			if t == nil {
				panic("not in time: " + what)
			}
			t.Fatal(fmt.Sprintf("not in time: %s", what))
		}
	}
}

func checkLeaderTransition(m *member, oldLead uint64) uint64 {
	var now uint64
	waitFor(nil, "another leader", func() bool {
		now = m.s.Lead()
		return now != 0 && now != oldLead
	})
	return now
}

type grpcAPI struct {
	Cluster     pb.ClusterClient
	KV          pb.KVClient
	Lease       pb.LeaseClient
	Watch       pb.WatchClient
	Maintenance pb.MaintenanceClient
	Auth        pb.AuthClient
	Lock        v3lockpb.LockClient
	Election    v3electionpb.ElectionClient
}

func toGRPC(c *clientv3.Client) grpcAPI {
	to := c.ActiveConnection()
	return grpcAPI{
		pb.NewClusterClient(to), pb.NewKVClient(to), pb.NewLeaseClient(to), pb.NewWatchClient(to), pb.NewMaintenanceClient(to),
		pb.NewAuthClient(to), v3lockpb.NewLockClient(to), v3electionpb.NewElectionClient(to),
	}
}

func newClientV3(cfg clientv3.Config) (*clientv3.Client, error) { return clientv3.New(cfg) }
