package io.odradek.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Members join their group until all agree. Each needs a connection of its own, since JoinGroup answers late. */
final class Joining {
    private static final int PAUSE_MS = 10;
    private static final long LIMIT_NS = TimeUnit.MINUTES.toNanos(3);

    private Joining() {}

    /** @param connections at least one for each member */
    static void join(List<? extends Member> members, List<Connection> connections) throws Exception {
        var threads = Executors.newFixedThreadPool(members.size());
        try {
            var joining = new ArrayList<Future<?>>();
            for (int m = 0; m < members.size(); m++) {
                var member = members.get(m);
                var connection = connections.get(m);
                joining.add(threads.submit(() -> {
                    var deadline = System.nanoTime() + LIMIT_NS;
                    member.step(connection);
                    while (!stable(members)) {
                        if (System.nanoTime() > deadline) {
                            throw new IllegalStateException("the group does not become stable");
                        }
                        Thread.sleep(PAUSE_MS);
                        member.step(connection);
                    }
                    return null;
                }));
            }
            for (var future : joining) {
                future.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static boolean stable(List<? extends Member> members) {
        var epoch = members.get(0).agreedEpoch();
        return epoch >= 0 && members.stream().allMatch(m -> m.agreedEpoch() == epoch);
    }
}
