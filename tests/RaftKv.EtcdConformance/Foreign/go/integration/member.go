package integration

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.etcd.io/etcd/clientv3"
	"go.etcd.io/etcd/etcdserver"
	"go.etcd.io/etcd/pkg/transport"
	"go.etcd.io/etcd/pkg/types"
	"google.golang.org/grpc"
)

// member is one RaftKv process. Its clients come through a bridge, and so do its peers.
type member struct {
	etcdserver.ServerConfig
	DialOptions   []grpc.DialOption
	ClientTLSInfo *transport.TLSInfo

	s       *remote
	client  string
	peer    string
	routes  map[*member]*bridge
	door    *bridge
	entry   string
	process *exec.Cmd

	sendLimit, receiveLimit int
	settings                []string

	log *os.File
}

// remote stands where the tests look for the server's object.
type remote struct{ m *member }

func (r *remote) ID() types.ID { return types.ID(r.status().id) }

func (r *remote) Lead() uint64 { return r.status().leader }

func (r *remote) Leader() types.ID { return types.ID(r.status().leader) }

// TransferLeadership hands over to the next running member; a member that does not lead has nothing to hand over.
func (r *remote) TransferLeadership() error {
	now := r.status()
	if now.id != now.leader {
		return nil
	}
	var last error
	for other := range r.m.routes {
		target := other.s.status().id
		if target == 0 {
			continue
		}
		var answer map[string]interface{}
		last = r.m.post("/v3/maintenance/transfer-leadership", fmt.Sprintf(`{"targetID":"%d"}`, target), &answer)
		if last == nil {
			return nil
		}
	}
	return last
}

type memberStatus struct{ id, leader, applied uint64 }

func (r *remote) status() memberStatus {
	var answer struct {
		Header struct {
			MemberID string `json:"member_id"`
		} `json:"header"`
		Leader  string `json:"leader"`
		Applied string `json:"raftAppliedIndex"`
	}
	if r.m.process == nil || r.m.post("/v3/maintenance/status", "{}", &answer) != nil {
		return memberStatus{}
	}
	id, _ := strconv.ParseUint(answer.Header.MemberID, 10, 64)
	leader, _ := strconv.ParseUint(answer.Leader, 10, 64)
	applied, _ := strconv.ParseUint(answer.Applied, 10, 64)
	return memberStatus{id: id, leader: leader, applied: applied}
}

func (m *member) post(path, body string, answer interface{}) error {
	caller := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := caller.Post("http://"+m.client+path, "application/json", strings.NewReader(body))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return errors.New(string(text))
	}
	return json.Unmarshal(text, answer)
}

func newMember(name, directory string) (*member, error) {
	m := &member{client: freeAddress(), peer: freeAddress(), entry: "127.0.0.1:0", routes: make(map[*member]*bridge)}
	m.s = &remote{m}
	m.Name = name
	m.DataDir = filepath.Join(directory, name)
	m.TickMs = uint(tickDuration / time.Millisecond)
	m.ElectionTicks = electionTicks
	m.ClientURLs = types.MustNewURLs([]string{"http://" + m.client})
	m.PeerURLs = types.MustNewURLs([]string{"http://" + m.peer})
	log, err := os.Create(filepath.Join(directory, name+".log"))
	m.log = log
	return m, err
}

// Above the ports that this system hands out by itself nothing is safe, so a free one is asked for from it.
func freeAddress() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func (m *member) launch(all []*member) error {
	arguments := []string{os.Getenv("RAFTKV_DLL"), "serve", "--name", m.Name, "--data-dir", m.DataDir, "--client", "http://" + m.client,
		"--peer", "http://" + m.peer, "--heartbeat-ms", "50", "--election-timeout-ms", "500"}
	var cluster []string
	for _, other := range all {
		cluster = append(cluster, other.Name+"=http://"+other.peer)
		if other == m {
			continue
		}
		if m.routes[other] == nil {
			route, err := newBridge("127.0.0.1:0", other.peer)
			if err != nil {
				return err
			}
			m.routes[other] = route
		}
		arguments = append(arguments, "--peer-route", other.Name+"=http://"+m.routes[other].addr())
	}
	arguments = append(arguments, m.settings...)
	if len(all) > 1 {
		arguments = append(arguments, "--cluster", strings.Join(cluster, ","))
	}
	m.process = exec.Command("dotnet", arguments...)
	m.process.Stdout = m.log
	m.process.Stderr = m.log
	if err := m.process.Start(); err != nil {
		return err
	}
	door, err := newBridge(m.entry, m.client)
	if err != nil {
		return err
	}
	m.door = door
	m.entry = door.addr()
	return nil
}

func (m *member) ID() types.ID { return m.s.ID() }

func (m *member) URL() string { return "http://" + m.client }

func (m *member) GRPCAddr() string { return m.entry }

// Launch is for members that join, which none can here.
func (m *member) Launch() error { return errors.New("RaftKv's members are fixed in this version") }

// Metric reads one figure, "" when there is none. RaftKv does not show the traffic between peers: nothing is under way.
func (m *member) Metric(name string) (string, error) {
	if strings.HasPrefix(name, "etcd_network_snapshot") {
		return "0", nil
	}
	caller := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := caller.Get("http://" + m.client + "/metrics")
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, name) {
			return strings.Split(line, " ")[1], nil
		}
	}
	return "", nil
}

func (m *member) DropConnections()    { m.door.reset() }
func (m *member) PauseConnections()   { m.door.pause(true) }
func (m *member) UnpauseConnections() { m.door.pause(false) }
func (m *member) Blackhole()          { m.door.hole(true) }
func (m *member) Unblackhole()        { m.door.hole(false) }

// InjectPartition cuts the member off from others, in both directions.
func (m *member) InjectPartition(t testing.TB, others ...*member) { m.partition(true, others) }

// RecoverPartition ends that.
func (m *member) RecoverPartition(t testing.TB, others ...*member) { m.partition(false, others) }

// Pause cuts the member off from all others; its clients go on to reach it.
func (m *member) Pause() { m.partition(true, m.others()) }

// Resume ends that.
func (m *member) Resume() { m.partition(false, m.others()) }

func (m *member) others() (all []*member) {
	for other := range m.routes {
		all = append(all, other)
	}
	return all
}

func (m *member) partition(on bool, others []*member) {
	for _, other := range others {
		m.routes[other].sever(on)
		other.routes[m].sever(on)
	}
}

// Close kills the process.
func (m *member) Close() {
	if m.process == nil {
		return
	}
	m.door.close()
	m.process.Process.Kill()
	m.process.Wait()
	m.process = nil
}

func (m *member) Stop(t testing.TB) { m.Close() }

func (m *member) Terminate(t testing.TB) {
	m.Close()
	for _, route := range m.routes {
		route.close()
	}
	m.routes = nil
	m.log.Close()
}

func (m *member) Restart(t testing.TB) error {
	if err := m.launch(append(m.others(), m)); err != nil {
		return err
	}
	m.WaitStarted(t)
	return nil
}

func (m *member) WaitStarted(t testing.TB) {
	waitFor(t, m.Name+" answers", func() bool { return m.s.status().id != 0 })
}

func (m *member) WaitOK(t testing.TB) {
	waitFor(t, m.Name+" has a leader", func() bool { return m.s.status().leader != 0 })
}

func (m *member) ReadyNotify() <-chan struct{} {
	ready := make(chan struct{})
	close(ready)
	return ready
}

// StopNotify is closed once the member is stopped.
func (m *member) StopNotify() <-chan struct{} {
	stopped := make(chan struct{})
	if m.process == nil {
		close(stopped)
	}
	return stopped
}

// NewClientV3 makes a client of one member.
func NewClientV3(m *member) (*clientv3.Client, error) {
	config := clientv3.Config{
		Endpoints: []string{m.GRPCAddr()}, DialTimeout: 5 * time.Second, DialOptions: append(m.DialOptions, grpc.WithBlock()),
		MaxCallSendMsgSize: m.sendLimit, MaxCallRecvMsgSize: m.receiveLimit,
	}
	if m.ClientTLSInfo != nil {
		config.TLS = &tls.Config{InsecureSkipVerify: true}
	}
	return clientv3.New(config)
}
