// What a JavaScript user does with kafkajs, against the broker given as the only argument. Prints OK at the end.
// Reading goes through kafkajs' own cluster and broker objects, since its consumer always joins a group.
const assert = require('assert')
const { Kafka, CompressionTypes, logLevel } = require('kafkajs')

async function main() {
  const kafka = new Kafka({ clientId: 'roundtrip', brokers: [process.argv[2]], logLevel: logLevel.ERROR })
  const admin = kafka.admin()
  await admin.connect()
  assert.strictEqual(await admin.createTopics({ topics: [{ topic: 'js', numPartitions: 2 }] }), true)
  assert.strictEqual(await admin.createTopics({ topics: [{ topic: 'js', numPartitions: 2 }] }), false)
  assert.ok((await admin.listTopics()).includes('js'))
  const { topics } = await admin.fetchTopicMetadata({ topics: ['js'] })
  assert.strictEqual(topics[0].partitions.length, 2)

  for (const idempotent of [false, true]) {
    const producer = kafka.producer({ idempotent, maxInFlightRequests: 1 })
    await producer.connect()
    for (const compression of [CompressionTypes.None, CompressionTypes.GZIP]) {
      const [sent] = await producer.send({
        topic: 'js',
        compression,
        acks: -1,
        messages: [
          { key: 'k', value: `v ${idempotent} ${compression}`, headers: { h: 'x' }, partition: 0 },
          { key: 'gone', value: null, partition: 0 },
        ],
      })
      assert.strictEqual(sent.errorCode, 0)
    }
    await producer.disconnect()
  }

  const [, zero] = (await admin.fetchTopicOffsets('js')).sort((a, b) => b.partition - a.partition)
  assert.deepStrictEqual([zero.low, zero.high], ['0', '8'])

  const cluster = require('kafkajs/src/cluster')
  const createSocketFactory = require('kafkajs/src/network/socketFactory')
  const { createLogger } = require('kafkajs/src/loggers')
  const c = new cluster({
    logger: createLogger({ level: logLevel.ERROR, logCreator: require('kafkajs/src/loggers/console') }),
    socketFactory: createSocketFactory(),
    brokers: [process.argv[2]],
    clientId: 'roundtrip',
    connectionTimeout: 5000,
    requestTimeout: 10000,
    retry: {},
    metadataMaxAge: 300000,
    offsets: new Map(),
  })
  await c.connect()
  await c.addTargetTopic('js')
  const leader = c.findLeaderForPartitions('js', [0])
  const broker = await c.findBroker({ nodeId: Object.keys(leader)[0] })
  const { responses } = await broker.fetch({
    maxWaitTime: 1000,
    minBytes: 1,
    maxBytes: 1 << 20,
    isolationLevel: 0,
    topics: [{ topic: 'js', partitions: [{ partition: 0, fetchOffset: '0', maxBytes: 1 << 20 }] }],
    rackId: '',
  })
  const read = responses[0].partitions[0].messages
  assert.strictEqual(read.length, 8)
  assert.strictEqual(read[0].value.toString(), 'v false 0')
  assert.strictEqual(read[0].headers.h.toString(), 'x')
  assert.strictEqual(read[1].value, null)
  assert.strictEqual(read[6].value.toString(), 'v true 1')
  await c.disconnect()

  await admin.deleteTopicRecords({ topic: 'js', partitions: [{ partition: 0, offset: '3' }] })
  const low = (await admin.fetchTopicOffsets('js')).find(p => p.partition === 0).low
  assert.strictEqual(low, '3')
  const described = await admin.describeConfigs({
    resources: [{ type: 2, name: 'js', configNames: ['retention.ms'] }],
    includeSynonyms: false,
  })
  assert.strictEqual(described.resources[0].configEntries[0].configValue, '604800000')
  await admin.deleteTopics({ topics: ['js'] })
  await admin.disconnect()
  console.log('OK')
}

main().catch(e => {
  console.error(e)
  process.exit(1)
})
