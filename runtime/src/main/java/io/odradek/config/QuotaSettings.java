package io.odradek.config;

import java.util.List;

/**
 * How quotas are measured. The quotas themselves are metadata.
 *
 * @param clients {@code quota.window.num}, {@code quota.window.size.seconds}
 * @param replication {@code replication.quota.window.num}, {@code replication.quota.window.size.seconds}
 * @param alterLogDirs {@code alter.log.dirs.replication.quota.window.num},
 *     {@code alter.log.dirs.replication.quota.window.size.seconds}
 */
public record QuotaSettings(Window clients, Window replication, Window alterLogDirs) {
    /**
     * Over which time a rate is measured.
     *
     * @param samples how many
     * @param sampleSeconds how long each of them
     */
    public record Window(int samples, int sampleSeconds) {
        static Window of(SettingValues v, String prefix) {
            return new Window(v.integer(prefix + "quota.window.num"), v.integer(prefix + "quota.window.size.seconds"));
        }
    }

    static final List<Setting> SETTINGS = SettingTable.parse("""
            quota.window.num | int | 11 | 1.. | low | read-only | no | Samples over which a client's quota is measured.
            quota.window.size.seconds | int | 1 | 1.. | low | read-only | no | Length of a sample of a client's quota.
            replication.quota.window.num | int | 11 | 1.. | low | read-only | yes | Samples over which throttled replication is measured.
            replication.quota.window.size.seconds | int | 1 | 1.. | low | read-only | yes | Length of a sample of throttled replication.
            alter.log.dirs.replication.quota.window.num | int | 11 | 1.. | low | read-only | yes | Samples over which moves between log directories are measured.
            alter.log.dirs.replication.quota.window.size.seconds | int | 1 | 1.. | low | read-only | yes | Length of a sample of moves between log directories.
            client.quota.callback.class | class | - | | low | read-only | refuse | A class of Kafka's that decides quotas: see `odradek.quota.enforcer`.
            """);

    static QuotaSettings of(SettingValues v) {
        return new QuotaSettings(
                Window.of(v, ""), Window.of(v, "replication."), Window.of(v, "alter.log.dirs.replication."));
    }
}
