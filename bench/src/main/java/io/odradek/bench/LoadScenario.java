package io.odradek.bench;

/** What producing and consuming costs. */
final class LoadScenario implements Scenario<BrokerUnderTest> {
    private final double gigabytes;

    LoadScenario(double gigabytes) {
        this.gigabytes = gigabytes;
    }

    @Override
    public String name() {
        return "load";
    }

    @Override
    public void round(BrokerUnderTest broker, int round, Figures.OfBroker figures) throws Exception {
        var prefix = "load-" + (round + 1) + "-";
        Load.createTopics(broker, prefix, 1, Load.PARTITIONS);
        var produced = Load.produce(broker, prefix + "0", gigabytes);
        var consumed = Load.consume(broker, prefix + "0");
        Load.deleteTopic(broker, prefix + "0");
        figures.add("broker CPU s per GB produced", produced.cpuPerGigabyte());
        figures.add("broker CPU s per GB consumed", consumed.cpuPerGigabyte());
        figures.add("produced, MB/s", produced.megabytesPerSecond());
        figures.add("consumed, MB/s", consumed.megabytesPerSecond());
    }

    @Override
    public void finish(BrokerUnderTest broker, Figures.OfBroker figures) throws Exception {
        figures.add("resident after the load, MB", broker.residentMegabytes());
    }
}
