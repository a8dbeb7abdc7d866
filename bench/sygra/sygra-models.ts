/** The models that SyGra's tasks name, as a models.yaml would describe them beside url and token. */
export const SYGRA_MODELS: Record<string, Record<string, unknown>> = {
  gpt4: {},
  'gpt-4o': {},
  'gpt-4o-mini': {},
  openai_gpt41: {},
  eval_model: {},
  qwen_2_audio_7b: {},
  qwen_vl_72b: {},
  qwen3_32b: {},
  'gpt-audio': {},
  gpt_image_1: { output_type: 'image' },
  gemini_2_5_pro: {},
};
