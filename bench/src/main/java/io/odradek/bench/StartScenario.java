package io.odradek.bench;

/** Start time and memory, a fresh broker each time. */
final class StartScenario implements Scenario<BrokerUnderTest> {
    private static final int PARTITIONS_CREATED = 2000;

    @Override
    public String name() {
        return "start";
    }

    @Override
    public boolean startsBroker() {
        return true;
    }

    @Override
    public void round(BrokerUnderTest broker, int round, Figures.OfBroker figures) throws Exception {
        var start = broker.start();
        Thread.sleep(2000);
        var afterStart = broker.residentMegabytes();
        Load.createTopics(broker, "many", PARTITIONS_CREATED / 10, 10);
        // Apache Kafka answers before its broker has made the logs.
        Thread.sleep(5_000);
        var afterTopics = broker.residentMegabytes();
        broker.stop();
        figures.add("start to first Metadata answer, s", start.toNanos() / 1e9);
        figures.add("resident after start, MB", afterStart);
        figures.add("resident after " + PARTITIONS_CREATED + " partitions, MB", afterTopics);
    }
}
