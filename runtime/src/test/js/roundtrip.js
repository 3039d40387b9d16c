// What a JavaScript user does with kafkajs, against the broker given as the only argument. Prints OK at the end.
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

  const read = []
  const consumer = kafka.consumer({ groupId: 'roundtrip' })
  await consumer.connect()
  await consumer.subscribe({ topic: 'js', fromBeginning: true })
  await new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => payload.restart || reject(payload.error))
    consumer
      .run({
        eachMessage: async ({ message }) => {
          read.push(message)
          if (read.length === 8) {
            resolve()
          }
        },
      })
      .catch(reject)
  })
  await consumer.disconnect()
  assert.strictEqual(read.length, 8)
  assert.strictEqual(read[0].value.toString(), 'v false 0')
  assert.strictEqual(read[0].headers.h.toString(), 'x')
  assert.strictEqual(read[1].value, null)
  assert.strictEqual(read[6].value.toString(), 'v true 1')

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
